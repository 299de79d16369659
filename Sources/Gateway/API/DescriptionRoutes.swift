import CSTA
import HTTPTypes
import Hummingbird
import NIOCore

/// `/openapi.json`, `/asyncapi.json` and `/docs`: what this server takes and answers, for programs and for people. They say
/// nothing of tenants, so no session is needed.
enum DescriptionRoutes {
    private static let paths = ["/openapi.json", "/asyncapi.json", "/docs"]

    /// - Parameter routes: all others have been added: the documents have what is there.
    static func add(to routes: inout RouteTable) {
        let operations = Operations.all.filter { [routes] in
            paths.contains($0.path) || routes.has($0.method, $0.path)
        }
        let openAPI = InterfaceDescription.openAPI(operations).encoded()
        let asyncAPI = InterfaceDescription.asyncAPI.encoded()
        let page = ReferencePage(operations).html
        routes.on(.get, paths[0]) { _ in .json(openAPI) }
        routes.on(.get, paths[1]) { _ in .json(asyncAPI) }
        routes.on(.get, paths[2]) { _ in
            var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache"]
            headers[.contentSecurityPolicy] = ReferencePage.policy
            headers[.xContentTypeOptions] = "nosniff"
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
        }
    }
}
