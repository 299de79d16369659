/// A password as it is kept: never in clear text outside the operator's own file.
public enum StoredPassword: Hashable, Sendable {
    /// `$scrypt$ln=14,r=8,p=1$SALT$KEY`, in unpadded base 64.
    case scrypt(String)
    /// As the operator wrote it into the configuration, for demonstrations; compared in constant time.
    case plain(String)
}
