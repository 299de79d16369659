import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import RingsideServer

@Suite("What decides whether contacts are called")
struct CallingPlanTests {
    @Test("The carrier's number is without the longest prefix that leads to a trunk")
    func carrierNumber() {
        var configuration = TenantConfiguration(namespace: RunnerBench.device(8001).namespace)
        configuration.trunks = [Trunk(group: "1", prefix: "9"), Trunk(group: "2", prefix: "98")]
        let plan = CallingPlan(configuration)
        #expect(plan.carrierNumber("913800000000") == "13800000000")
        #expect(plan.carrierNumber("9813800000000") == "13800000000")
        #expect(plan.carrierNumber("13800000000") == "13800000000")
        #expect(plan.carrierNumber("9") == "9")
    }
}
