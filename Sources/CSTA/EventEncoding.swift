extension Event {
    /// Writes the event as one JSON object, keys in the order of the seed's samples (E1), no field without a value.
    public func encode(into writer: inout JSONWriter) {
        guard unknownFields.isEmpty else { return encodeWithUnknownFields(into: &writer) }
        writer.beginObject()
        switch body {
        case .agent(let event): encode(event, into: &writer)
        case .call(let event): encode(event, into: &writer)
        case .recording(let event): encode(event, into: &writer)
        case .unrecognized(let name, let type):
            writer.key("eventName")
            writer.string(name)
            common(type: type, into: &writer)
        }
        if let timestamp {
            writer.key("timestamp")
            writer.integer(timestamp)
        }
        if let conversation {
            writer.key("conversationId")
            writer.string(conversation.text)
        }
        writer.endObject()
    }

    /// The event as a JSON text.
    public var json: String {
        var writer = JSONWriter()
        encode(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func common(type: String, into writer: inout JSONWriter) {
        writer.key("eventTime")
        writer.time(time)
        writer.key("eventType")
        writer.string(type)
        writer.key("serial")
        writer.integer(serial.value)
        writer.key("namespace")
        writer.string(namespace.name)
    }

    private func encode(_ event: AgentEvent, into writer: inout JSONWriter) {
        writer.key("eventName")
        writer.string(event.kind.rawValue)
        common(type: "agent", into: &writer)
        writer.key("srcDeviceId")
        writer.string(event.device.text)
        writer.key("deviceId")
        writer.string(event.device.text)
        writer.key("agentId")
        writer.string(event.agent.text)
        writer.key("agentMode")
        writer.string(event.mode.rawValue)
        writer.key("devices")
        writer.beginObject()
        writer.key("Voice")
        writer.string(event.device.text)
        writer.endObject()
        if let reason = event.reason {
            writer.key("reason")
            writer.string(reason)
        }
    }

    private func encode(_ event: RecordingEvent, into writer: inout JSONWriter) {
        writer.key("eventName")
        writer.string(event.name)
        writer.key("eventSrc")
        writer.string(event.device.text)
        common(type: "csta", into: &writer)
        switch event.detail {
        case .started(let call, let fileName):
            writer.key("recordId")
            writer.string(event.recording)
            writer.key("callId")
            writer.string(call.text)
            writer.key("deviceId")
            writer.string(event.device.text)
            writer.key("fileName")
            writer.string(fileName)
        case .stopped:
            writer.key("srcDeviceId")
            writer.string(event.device.text)
            writer.key("recordId")
            writer.string(event.recording)
        }
        writer.key("isSuccess")
        writer.bool(event.isSuccess)
    }

    private func encode(_ event: CallEvent, into writer: inout JSONWriter) {
        writer.key("eventName")
        writer.string(event.detail.name)
        writer.key("eventSrc")
        writer.string(event.source.text)
        common(type: "csta", into: &writer)
        writer.key("srcDeviceId")
        writer.string(event.source.text)
        writer.key("callId")
        writer.string(event.call.text)
        writer.key("deviceId")
        writer.string(event.device.text)
        writer.key("localState")
        writer.string(event.state.rawValue)
        var part = event.source
        if case .transferred(let transferred) = event.detail {
            writer.key("originCallInfo")
            writer.object(transferred.originCallInfo)
        } else if case .conferenced(let conferenced) = event.detail {
            part = conferenced.addedParty  // E8
        }
        writer.key("connectionId")
        writer.string(part.text, bar: event.call.text)
        if let cause = event.cause {
            writer.key("cause")
            writer.string(cause.text)
        }
        event.detail.encode(into: &writer)
    }

    /// The slow path: puts each unknown field behind the one that it stood behind, or in the place of the one it replaces.
    private func encodeWithUnknownFields(into writer: inout JSONWriter) {
        var known = self
        known.unknownFields = []
        var plain = JSONWriter()
        known.encode(into: &plain)
        guard case .object(let object)? = try? JSON.parse(plain.bytes) else { return }
        let replacing = unknownFields.filter { object[$0.key] != nil }
        var rest = unknownFields.filter { object[$0.key] == nil }[...]
        writer.beginObject()
        /// An unknown field may itself be what the next one stands behind: they are in their order.
        func write(behind predecessor: String?) {
            var last = predecessor
            while let field = rest.first, field.predecessor == last {
                writer.key(field.key)
                writer.value(field.value)
                last = field.key
                rest.removeFirst()
            }
        }
        write(behind: nil)
        for (key, value) in object {
            writer.key(key)
            writer.value(replacing.last { $0.key == key }?.value ?? value)
            write(behind: key)
        }
        for field in rest {
            writer.key(field.key)
            writer.value(field.value)
        }
        writer.endObject()
    }
}

extension CallEvent.Detail {
    fileprivate func encode(into writer: inout JSONWriter) {
        func device(_ key: StaticString, _ device: DeviceID) {
            writer.key(key)
            writer.string(device.text)
        }
        func text(_ key: StaticString, _ text: String?) {
            guard let text else { return }
            writer.key(key)
            writer.string(text)
        }
        switch self {
        case .serviceInitiated(let initiated): device("initiatedDevice", initiated)
        case .originated(let calling, let called):
            device("callingDevice", calling)
            device("calledDevice", called)
        case .delivered(let own):
            device("alertingDevice", own.alertingDevice)
            device("callingDevice", own.callingDevice)
            device("calledDevice", own.calledDevice)
            text("trunkGroup", own.trunkGroup)
            text("trunkMember", own.trunkMember)
            if let userData = own.userData {
                writer.key("userData")
                writer.beginObject()
                writer.key("data")
                writer.object(userData.entries)
                writer.endObject()
            }
            text("split", own.split?.text)
            text("callType", own.callType?.rawValue)
        case .established(let own):
            device("answeringDevice", own.answeringDevice)
            device("callingDevice", own.callingDevice)
            device("calledDevice", own.calledDevice)
            text("callType", own.callType?.rawValue)
        case .held(let holding): device("holdingDevice", holding)
        case .retrieved(let retrieving): device("retrievingDevice", retrieving)
        case .transferred(let own):
            text("primaryOldCall", own.primaryOldCall.text)
            text("secondaryOldCall", own.secondaryOldCall.text)
            device("transferringDevice", own.transferringDevice)
            device("transferredToDevice", own.transferredToDevice)
            text("newCall", own.newCall.text)
        case .conferenced(let own):
            text("primaryOldCall", own.primaryOldCall.text)
            text("secondaryOldCall", own.secondaryOldCall.text)
            device("conferencingDevice", own.conferencingDevice)
            device("addedParty", own.addedParty)
            text("newCall", own.newCall.text)
        case .connectionCleared(let releasing, let hangup):
            device("releasingDevice", releasing)
            device("hangupDevice", hangup)
        case .failed(let called, let code, let message):
            device("calledDevice", called)
            text("failedCode", String(code.rawValue))
            text("failedMsg", message)
        }
    }
}
