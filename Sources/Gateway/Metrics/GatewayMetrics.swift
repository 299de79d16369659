extension MetricsText {
    /// What the fan-out has done.
    public mutating func add(_ delivery: DeliveryStatistics, latency: DurationHistogram.Counts) {
        family("ringside_subscribers", .gauge, "Subscribers of events that are connected.")
        sample("ringside_subscribers", ["kind": "websocket"], delivery.webSockets)
        sample("ringside_subscribers", ["kind": "sse"], delivery.eventStreams)
        single(
            "ringside_events_sent_total", .counter, "Live events written, counted for each receiver.",
            delivery.eventsSent)
        single(
            "ringside_events_replayed_total", .counter, "Events read back from the journal and written.",
            delivery.eventsReplayed)
        single(
            "ringside_replay_pages_total", .counter, "Pages read back from the journal for subscribers.",
            delivery.pagesRead)
        family("ringside_subscribers_closed_total", .counter, "Subscribers that the server has closed.")
        for (reason, count) in [
            ("slow", delivery.closedSlow), ("silent", delivery.closedSilent), ("gone", delivery.closedGone),
            ("protocol", delivery.closedProtocol),
        ] {
            sample("ringside_subscribers_closed_total", ["reason": reason], count)
        }
        single(
            "ringside_delivery_queue_peak_bytes", .gauge, "The most that ever waited at one subscriber's socket.",
            delivery.deepestQueueBytes)
        single(
            "ringside_delivery_inbox_peak_events", .gauge, "The most events that ever waited for one event loop.",
            delivery.deepestInboxEvents)
        histogram(
            "ringside_switch_to_socket_seconds",
            "From an event of the switch to the write of what it led to, for each event that somebody follows.",
            latency)
    }

    public mutating func add(_ requests: RequestCounts) {
        family("ringside_http_requests_total", .counter, "HTTP requests answered, by route and status.")
        for (key, count) in requests.all {
            sample(
                "ringside_http_requests_total",
                ["method": key.method, "route": key.route, "status": "\(key.status)"], count)
        }
    }
}
