extension ServerConfiguration {
    /// A commented configuration file that says what ``demo(timeZone:)`` is, but for the time zone.
    public static let example = """
        # The configuration of a Ringside server. `ringside config check FILE` finds mistakes.
        # Paths are relative to the folder of this file. What is left out has the value shown here.

        http:
          host: 127.0.0.1            # 0.0.0.0 lets other machines in: then with tls, or a TLS proxy before it
          port: 8750
          # tls: { certificate: cert.pem, key: key.pem }   # new files are taken without a restart
          cookieNeedsTLS: false      # true behind a proxy that ends TLS
          # origins: [https://crm.example]        # other hosts whose pages may use the interface (CORS)
          # trustedProxies: [127.0.0.1]           # whose X-Forwarded-For and X-Forwarded-Proto are believed

        # metrics:                   # for Prometheus, at /metrics of a port of its own; not served if left out
        #   host: 127.0.0.1          # whoever can connect may read them
        #   port: 9750

        data: data                   # folder of the journal
        durability: fsync            # fsync: a power cut loses nothing. os: faster, it may lose the last second
        retention:                   # how long events are kept; whichever is reached first
          days: 7
          megabytes: 2048
          recordDays: 400            # records of calls and of agents' times

        # recordings:                # the switch's folder of recordings as seen from here; fileName begins with it
        #   root: data/recordings    # for Asterisk /var/spool/asterisk/recording if left out

        log: info                    # trace, debug, info, notice, warning, error or critical
        sessions:
          idleMinutes: 480           # a session that is not used for so long ends
          lifetimeHours: 24          # and after this in any case
          maximumPerAccount: 16      # the oldest makes room
          requestsPerSecond: 50      # of one session or API key
        # stomp:
        #   anonymousTenant: demo.cc # an old client gets this tenant's events by STOMP without a login; none if left out
        # threads: 2                 # event loops; one a processor core if left out

        switch: sandbox              # virtual phones and a pretended telephone network, or:
        # switch:
        #   asterisk:
        #     host: 127.0.0.1        # Asterisk's HTTP server (ARI)
        #     port: 8088
        #     user: ringside
        #     passwordFile: ari.password          # or password:, or passwordEnvironment: with a variable's name
        #     application: ringside  # as in the dial plan: Stasis(ringside)
        #     manager:               # AMI; without it a ringing phone cannot be told to answer
        #       port: 5038
        #       user: ringside
        #       passwordEnvironment: RINGSIDE_AMI_PASSWORD

        operators: demo.cc           # the tenant whose admins set up tenants and trunks over HTTP; nobody if left out

        tenants:
          - namespace: demo.cc
            timeZone: UTC            # a name such as Asia/Shanghai
            # maskNumbers: true        # ***1@demo.cc for 5001@demo.cc in logs

            agents:                  # id: a number or a range; {number} in a name stands for it
              - id: 5001-5008
                name: Agent {number}
                role: agent          # agent, supervisor or admin
                password: demo       # better passwordHash: with the output of `ringside hash-password`
                # devices: [8001-8005, 8010]      # where the agents may log in; anywhere if left out
                # disabled: true
              - id: 5009
                name: Supervisor {number}
                role: supervisor
                password: demo
              - id: 5010
                name: Admin {number}
                role: admin
                password: demo

            devices:
              - id: 8001-8010
                endpoint: "{number}" # the phone's name at the switch: 8001 for PJSIP/8001
                remoteAnswer: talk   # how it is made to answer: talk (NOTIFY), header (Call-Info) or none
                usable: true
                # record: true         # its calls are recorded by themselves, or not; as the tenant has it if left out

            splits:                  # groups of agents who share calls; whoever is free gets the next
              - id: 7000
                name: Demo
                strategy: longest-idle            # or most-skilled, or ring-all
                agents: [5001-5004]  # or - {id: 5001, level: 5, priority: 1}: more skilled; offered calls before 2
                ringSeconds: 20      # who has not answered by then is NotReady, and the call goes to somebody else
                wrapUpSeconds: 10    # to work after a call
                maximumWaiting: 100  # more callers, and those who have waited too long, go to overflow, or are refused
                maximumWaitSeconds: 600
                # overflow: 7001       # another split
                # announceSeconds: 30  # how often callers are told their position

            trunks:
              - group: "1"
                prefix: "9"          # what an agent dials first, and the carrier does not get
                endpoint: pstn       # the carrier's name at the switch
                # callerNumber: "4001"            # what the called side sees; the device's number if left out
                # capacity: 30       # calls at once, in and out; as many as come if left out
              # - group: "2"
              #   prefix: none       # only outbound leads here
              #   endpoint: carrier-a
              #   capacity: 30
              #   further: [{endpoint: carrier-b, capacity: 30}]          # lines that stand for it
              #   selection: sequential           # the first that has room; or balanced

            # outbound:              # where dialled numbers lead, by what comes first; a trunk's own prefix needs no entry
            #   "0":
            #     groups: ["2", "1"] # the next when all lines of one are in use, or fail
            #     strip: 1           # digits behind the prefix that the carrier does not get
            #     prepend: "0086"    # what it gets before the rest
            #     callerNumber: "4002"
            #     allowed: ["0086"]  # beginnings of the only numbers that go this way, as the carrier gets them
            #     barred: ["0086900"]             # beginnings of those that do not, unless a longer one is allowed

            # dialling:              # what may be called beyond the trunks; numbers as the carrier gets them
            #   country: "86"        # one's own calling code; other numbers from + or 00 on are barred
            #   allowed: ["+44"]     # abroad by calling code, + for all; others: the only ones at home
            #   premium: ["0900", "0190", "1900", "900"]     # barred, unless a longer one is allowed

            # hours:                 # when somebody is there, by the tenant's clock
            #   office:
            #     mon-fri: [08:00-12:00, 13:00-18:00]
            #     holidays: [2026-12-25]

            inbound:                 # numbers that customers dial, and the device that rings or the split that takes it
              4001-4010: 8001-8010
              4100: 7000             # or {to: 7000, priority: 5, hours: office, closed: 8001}: urgent; who is called else
              # 4101: {to: 7000, hours: office, closed: {sound: custom/closed, seconds: 12}}      # or what is heard else

            recording:
              mode: on-request       # automatic: each call of an agent; on-request: when asked for; forbidden
              keepDays: 90           # then file and entry are deleted

            limits:
              callsPerSecond: 20     # services that have somebody called, of all clients together
              answerSeconds: 60      # a call that is not answered by then ends with NO_ANSWER
              serviceLevelSeconds: 20             # a call of a split that is answered by then is answered in time
              heartbeatSeconds: 180  # an agent whose client is not heard of for so long is logged out
        """ + "\n"
}
