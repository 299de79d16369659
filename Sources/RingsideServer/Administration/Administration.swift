import CSTA
import CallCenter
import Gateway
import Journal
import SwitchDriver

/// Changes what is set up while the server runs: one change after the other, each first on the disk, then in the directory, with
/// the tenant and at the switch.
actor Administration: AdministrationPort {
    /// Of one kind, of one tenant.
    static let maximumEntries = ConfigurationField.maximumEntries
    static let maximumTenants = 1000
    /// Changes that wait for others, each of some milliseconds, or of a scrypt.
    static let maximumWaiting = 100

    /// What it works on.
    struct Surroundings: Sendable {
        var directory: Directory
        var store: any DirectoryStore
        var tenants: TenantTable
        var telephoneSwitch: any Switch
        /// Whether all tenants' phones are of one switch, where two of the same name would be one.
        var isSharedSwitch: Bool
        var rules: @Sendable (TenantSettings) -> TenantConfiguration
        var makeRunner: @Sendable (TenantSettings) async throws -> TenantRunner
        /// Told of a tenant that is no more.
        var deleted: @Sendable (Namespace) async -> Void
    }

    private let surroundings: Surroundings
    private var directory: Directory { surroundings.directory }
    private var isChanging = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    // MARK: Tenants

    func tenant(_ namespace: Namespace) -> JSONObject? { directory[namespace].map(\.summary) }

    func tenants() -> [JSONObject] {
        directory.tenants.sorted { $0.namespace.name < $1.namespace.name }.map(\.summary)
    }

    func createTenant(_ object: JSONObject) async throws(AdministrationError) -> JSONObject {
        try await begin()
        defer { end() }
        var tenant = try DirectoryReader.newTenant(object)
        guard directory[tenant.namespace] == nil else { throw .exists(.tenant, id: tenant.namespace.name) }
        guard directory.tenants.count < Self.maximumTenants else { throw .tooMany(Self.maximumTenants) }
        try DirectoryChecks.check(tenant, among: directory.tenants, isSharedSwitch: surroundings.isSharedSwitch)
        tenant.agents = try await sealed(tenant.agents)
        let runner: TenantRunner
        do {
            runner = try await surroundings.makeRunner(tenant)
        } catch {
            throw .unavailable
        }
        var entries = [tenant.entry, .madeOverHTTP(tenant.namespace)]
        entries += tenant.agents.map { $0.entry(of: tenant.namespace) }
        entries += tenant.devices.map { $0.entry(of: tenant.namespace) }
        entries += tenant.splits.map { $0.entry(of: tenant.namespace) }
        entries += tenant.trunks.map { $0.entry(of: tenant.namespace) }
        try await store(entries, forgetting: tenant.namespace)
        directory.put(tenant)
        // Not while the server stops: then it begins with the next start.
        surroundings.tenants.start(runner)
        tellSwitch()
        return tenant.summary
    }

    func changeTenant(
        _ namespace: Namespace, _ changes: JSONObject, by admin: AgentID
    ) async throws(AdministrationError) -> JSONObject {
        try await begin()
        defer { end() }
        let old = try settings(of: namespace)
        try keepsID(old.document, changes, DirectoryEntry.Kind.tenant.idKey)
        let tenant = try DirectoryReader.tenant(old, with: old.document.merging(changes))
        try await carryOut(tenant, [tenant.entry], by: admin)
        return tenant.summary
    }

    func deleteTenant(_ namespace: Namespace, by admin: AgentID) async throws(AdministrationError) {
        try await begin()
        defer { end() }
        let tenant = try settings(of: namespace)
        guard admin.namespace != namespace else { throw .yourself }
        guard tenant.isDisabled else { throw .conflict("The tenant is not disabled: disable it first.") }
        if let runner = surroundings.tenants[namespace] {
            let isIdle = await runner.read { $0.calls.isEmpty }
            guard isIdle else { throw .conflict("The tenant has calls up: wait for their end.") }
        }
        do {
            try await surroundings.store.deleteTenant(.deleted(tenant))
        } catch {
            throw .unavailable
        }
        directory.remove(namespace)
        await surroundings.tenants.stop(namespace)
        await surroundings.deleted(namespace)
        tellSwitch()
    }

    // MARK: Entries

    func entries(
        _ kind: DirectoryEntry.Kind, in namespace: Namespace, after id: String?, limit: Int
    ) throws(AdministrationError) -> [JSONObject] {
        let tenant = try settings(of: namespace)
        func page<Item: DirectoryItem>(_ type: Item.Type) -> [JSONObject] {
            tenant[keyPath: Item.items].filter { item in id.map { $0 < item.itemID } ?? true }
                .sorted { $0.itemID < $1.itemID }.prefix(limit).map(\.document.withoutSecrets)
        }
        return switch kind {
        case .agent: page(TenantSettings.AgentSettings.self)
        case .device: page(TenantSettings.DeviceSettings.self)
        case .split: page(SplitProfile.self)
        case .trunk: page(Trunk.self)
        case .tenant: []
        }
    }

    func entry(
        _ kind: DirectoryEntry.Kind, _ id: String, in namespace: Namespace
    ) throws(AdministrationError) -> JSONObject {
        let tenant = try settings(of: namespace)
        func find<Item: DirectoryItem>(_ type: Item.Type) throws(AdministrationError) -> JSONObject {
            guard let item = tenant[keyPath: Item.items].first(where: { $0.itemID == id }) else {
                throw .noSuchEntry(kind)
            }
            return item.document.withoutSecrets
        }
        return switch kind {
        case .agent: try find(TenantSettings.AgentSettings.self)
        case .device: try find(TenantSettings.DeviceSettings.self)
        case .split: try find(SplitProfile.self)
        case .trunk: try find(Trunk.self)
        case .tenant: tenant.summary
        }
    }

    func create(
        _ kind: DirectoryEntry.Kind, _ object: JSONObject, in namespace: Namespace
    ) async throws(AdministrationError) -> [JSONObject] {
        switch kind {
        case .agent: try await create(TenantSettings.AgentSettings.self, object, namespace)
        case .device: try await create(TenantSettings.DeviceSettings.self, object, namespace)
        case .split: try await create(SplitProfile.self, object, namespace)
        case .trunk: try await create(Trunk.self, object, namespace)
        case .tenant: [try await createTenant(object)]
        }
    }

    func change(
        _ kind: DirectoryEntry.Kind, _ id: String, _ changes: JSONObject, in namespace: Namespace, by admin: AgentID
    ) async throws(AdministrationError) -> JSONObject {
        switch kind {
        case .agent: try await change(TenantSettings.AgentSettings.self, id, changes, namespace, by: admin)
        case .device: try await change(TenantSettings.DeviceSettings.self, id, changes, namespace, by: admin)
        case .split: try await change(SplitProfile.self, id, changes, namespace, by: admin)
        case .trunk: try await change(Trunk.self, id, changes, namespace, by: admin)
        case .tenant: try await changeTenant(namespace, changes, by: admin)
        }
    }

    func delete(
        _ kind: DirectoryEntry.Kind, _ id: String, in namespace: Namespace, by admin: AgentID
    ) async throws(AdministrationError) {
        switch kind {
        case .agent: try await delete(TenantSettings.AgentSettings.self, id, namespace, by: admin)
        case .device: try await delete(TenantSettings.DeviceSettings.self, id, namespace, by: admin)
        case .split: try await delete(SplitProfile.self, id, namespace, by: admin)
        case .trunk: try await delete(Trunk.self, id, namespace, by: admin)
        case .tenant: try await deleteTenant(namespace, by: admin)
        }
    }

    private func create<Item: DirectoryItem>(
        _ type: Item.Type, _ object: JSONObject, _ namespace: Namespace
    ) async throws(AdministrationError) -> [JSONObject] {
        try await begin()
        defer { end() }
        var tenant = try settings(of: namespace)
        var items = try DirectoryReader.items(type, from: [object], in: tenant)
        let known = Set(tenant[keyPath: Item.items].map(\.itemID))
        if let double = items.first(where: { known.contains($0.itemID) }) {
            throw .exists(Item.kind, id: double.itemID)
        }
        guard known.count + items.count <= Self.maximumEntries else { throw .tooMany(Self.maximumEntries) }
        items = try await sealed(items)
        tenant[keyPath: Item.items] += items
        try await carryOut(tenant, items.map { $0.entry(of: namespace) })
        return items.map(\.document.withoutSecrets)
    }

    private func change<Item: DirectoryItem>(
        _ type: Item.Type, _ id: String, _ changes: JSONObject, _ namespace: Namespace, by admin: AgentID
    ) async throws(AdministrationError) -> JSONObject {
        try await begin()
        defer { end() }
        var tenant = try settings(of: namespace)
        guard let index = tenant[keyPath: Item.items].firstIndex(where: { $0.itemID == id }) else {
            throw .noSuchEntry(Item.kind)
        }
        var document = tenant[keyPath: Item.items][index].document
        try keepsID(document, changes, Item.kind.idKey)
        if changes["password"] != nil || changes["passwordHash"] != nil { document = document.withoutSecrets }
        let items = try DirectoryReader.items(type, from: [document.merging(changes)], in: tenant)
        guard let item = try await sealed(items).first else { throw .noSuchEntry(Item.kind) }
        tenant[keyPath: Item.items][index] = item
        try await carryOut(tenant, [item.entry(of: namespace)], by: admin)
        return item.document.withoutSecrets
    }

    private func delete<Item: DirectoryItem>(
        _ type: Item.Type, _ id: String, _ namespace: Namespace, by admin: AgentID
    ) async throws(AdministrationError) {
        try await begin()
        defer { end() }
        var tenant = try settings(of: namespace)
        guard let index = tenant[keyPath: Item.items].firstIndex(where: { $0.itemID == id }) else {
            throw .noSuchEntry(Item.kind)
        }
        tenant[keyPath: Item.items].remove(at: index)
        try await carryOut(tenant, [.init(namespace: namespace, kind: Item.kind, id: id, json: nil)], by: admin)
    }

    // MARK: One change

    /// Waits until no other change is under way.
    private func begin() async throws(AdministrationError) {
        guard isChanging else {
            isChanging = true
            return
        }
        guard waiting.count < Self.maximumWaiting else { throw .unavailable }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        if waiting.isEmpty { isChanging = false } else { waiting.removeFirst().resume() }
    }

    private func settings(of namespace: Namespace) throws(AdministrationError) -> TenantSettings {
        guard let tenant = directory[namespace] else { throw .noSuchTenant }
        return tenant
    }

    private func keepsID(_ document: JSONObject, _ changes: JSONObject, _ key: String) throws(AdministrationError) {
        guard let id = changes[key], id != document[key] else { return }
        throw .invalid([.init(field: key, message: "This cannot be changed. Create another, and delete this one.")])
    }

    /// With scrypt's hashes in the place of passwords, one for each password.
    private func sealed<Item: DirectoryItem>(_ items: [Item]) async throws(AdministrationError) -> [Item] {
        var hashes: [String: StoredPassword] = [:]
        var sealed: [Item] = []
        for var item in items {
            if case .plain(let text) = item.secret {
                if hashes[text] == nil {
                    guard let hash = await PasswordHasher.hashed(text) else { throw .unavailable }
                    hashes[text] = .scrypt(hash)
                }
                item.secret = hashes[text]
            }
            sealed.append(item)
        }
        return sealed
    }

    private func store(
        _ entries: [DirectoryEntry], forgetting namespace: Namespace? = nil
    ) async throws(AdministrationError) {
        do {
            try await surroundings.store.put(entries, forgetting: namespace)
        } catch {
            throw .unavailable
        }
    }

    /// Checks, stores and puts into effect what has become of a tenant.
    private func carryOut(
        _ tenant: TenantSettings, _ entries: [DirectoryEntry], by admin: AgentID? = nil
    ) async throws(AdministrationError) {
        if let admin, admin.namespace == tenant.namespace {
            let account = tenant.accounts.first { $0.agent == admin }
            guard account?.role == .admin, account?.isDisabled == false else { throw .yourself }
        }
        let before = directory[tenant.namespace]
        do throws(AdministrationError) {
            try DirectoryChecks.check(tenant, among: directory.tenants, isSharedSwitch: surroundings.isSharedSwitch)
        } catch {
            // What was so before, as by a change of the file, does not stand in the way of other things.
            guard let before, error == conflict(of: before) else { throw error }
        }
        try await store(entries)
        directory.put(tenant)
        if let runner = surroundings.tenants[tenant.namespace] {
            runner.configure(surroundings.rules(tenant))
            // In its turn behind that.
            await runner.read { _ in }
        }
        if before?.lines != tenant.lines { tellSwitch() }
    }

    private func conflict(of tenant: TenantSettings) -> AdministrationError? {
        do throws(AdministrationError) {
            try DirectoryChecks.check(tenant, among: directory.tenants, isSharedSwitch: surroundings.isSharedSwitch)
            return nil
        } catch {
            return error
        }
    }

    private func tellSwitch() { surroundings.telephoneSwitch.setLines(directory.tenants.map(\.lines)) }
}

/// Where changes outlive the process.
protocol DirectoryStore: Sendable {
    /// Stores entries, all or none; the other ones of a namespace may be forgotten with it.
    func put(_ entries: [DirectoryEntry], forgetting namespace: Namespace?) async throws(JournalError)

    /// Stores that a tenant is deleted, with all its entries and API keys.
    func deleteTenant(_ entry: DirectoryEntry) async throws(JournalError)
}

extension SQLiteJournal: DirectoryStore {}

extension DirectoryItem {
    func entry(of namespace: Namespace) -> DirectoryEntry {
        DirectoryEntry(namespace: namespace, kind: Self.kind, id: itemID, json: JSON.object(document).encoded())
    }
}

extension TenantSettings {
    fileprivate var entry: DirectoryEntry {
        DirectoryEntry(namespace: namespace, kind: .tenant, id: "", json: JSON.object(document).encoded())
    }

    /// As admins see it.
    fileprivate var summary: JSONObject {
        var object = document
        object["agents"] = .number(String(agents.count))
        object["devices"] = .number(String(devices.count))
        object["splits"] = .number(String(splits.count))
        object["trunks"] = .number(String(trunks.count))
        return object
    }
}
