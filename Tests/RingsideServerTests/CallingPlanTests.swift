import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import RingsideServer

@Suite("What decides whether contacts are called")
struct CallingPlanTests {
    @Test("A number is known without the longest prefix that leads out, and as its route makes the carrier get it")
    func carrierNumbers() {
        var configuration = TenantConfiguration(namespace: RunnerBench.device(8001).namespace)
        configuration.trunks = [Trunk(group: "1", prefix: "9"), Trunk(group: "2", prefix: "98")]
        configuration.outbound["97"] = OutboundRoute(groups: ["1"], strippedDigits: 1, prepended: "0086")
        let plan = CallingPlan(configuration)
        #expect(plan.carrierNumbers("913800000000") == ["13800000000"])
        #expect(plan.carrierNumbers("9813800000000") == ["13800000000"])
        #expect(plan.carrierNumbers("97013800000000") == ["013800000000", "008613800000000"])
        #expect(plan.carrierNumbers("13800000000") == ["13800000000"])
        #expect(plan.carrierNumbers("9") == ["9"])
    }
}
