#!/bin/bash
# Captures of industry and of what machines tell each other.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark python3-pymodbus python3-thrift softflowd uftp cyclonedds-tools omniorb omniorb-nameserver socat

modbus_port() {
	begin modbus-other-port
	cat >"$tmp/server.py" <<-'END'
		from pymodbus.server import StartTcpServer
		from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSequentialDataBlock
		store = ModbusSlaveContext(hr=ModbusSequentialDataBlock(0, [7] * 100), co=ModbusSequentialDataBlock(0, [0] * 100))
		StartTcpServer(context=ModbusServerContext(slaves=store, single=True), address=("10.9.0.2", 5020))
	END
	cat >"$tmp/client.py" <<-'END'
		from pymodbus.client import ModbusTcpClient
		c = ModbusTcpClient("10.9.0.2", port=5020)
		assert c.connect()
		print(c.read_holding_registers(10, 5, 1).registers)
		c.write_coil(3, True, 1)
		c.write_registers(20, [1, 2, 3], 1)
		c.read_coils(0, 8, 1)
		c.close()
	END
	serve /usr/bin/python3 "$tmp/server.py"
	await tcp 5020
	client /usr/bin/python3 "$tmp/client.py"
	finish 'tcp.port == 5020' 'pymodbus reads and writes registers and coils' 'at port 5020.' 'tcp 5020 Modbus'
}
flow_export() { # flow_export NAME VERSION TEXT
	begin "$1"
	serve socat -u UDP-RECV:2055 /dev/null
	await udp 2055
	client softflowd -r "$make_dir/../http-get.pcap" -n $s4:2055 -v "$2" -d
	seen 'udp port 2055'
	finish 'cflow' 'softflowd tells of the flows of another capture' "in NetFlow $3." 'udp 2055 NetFlow'
}
netflow5() { flow_export netflow5 5 'version 5'; }
netflow9() { flow_export netflow9 9 'version 9'; }
ipfix() { flow_export ipfix 10 'version 10, which is IPFIX'; }
uftp_file() {
	begin uftp
	mkdir "$tmp/in"
	head -c 3000 /dev/zero | tr '\0' 'x' >"$tmp/file.txt"
	serve uftpd -d -I eth0 -D "$tmp/in" -L "$tmp/uftpd.log"
	await udp 1044
	client uftp -I eth0 -M 230.4.4.1 -P 230.5.5.1 -r 0.1 -R 5000 "$tmp/file.txt"
	finish 'udp.port == 1044' 'uftp sends a file to a multicast group' 'in which uftpd listens.' 'udp * UFTP'
}
dds() {
	begin rtps
	printf '<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="eth0"/></Interfaces></General></Domain></CycloneDDS>' >"$tmp/dds.xml"
	export CYCLONEDDS_URI=file://$tmp/dds.xml
	serve ddsperf -D 8 pong
	await udp 7400
	try ddsperf -D 3 ping 2Hz
	also='udp and not port 7401' # a byte by which it wakes its own thread
	count=60
	finish rtps 'ddsperf of Cyclone DDS pings another' 'which it finds by multicast.' 'udp * RTPS'
}
corba() {
	begin corba
	serve omniNames -start 2809 -logdir "$tmp" -ORBendPoint giop:tcp:$s4:2809
	await tcp 2809
	client nameclt -ORBInitRef NameService=corbaname::$s4:2809 bind_new_context test
	try nameclt -ORBInitRef NameService=corbaname::$s4:2809 list
	finish giop 'nameclt binds and lists names' 'at omniNames, of omniORB.' 'tcp 2809 Corba'
}
thrift_call() {
	begin thrift
	cat >"$tmp/call.py" <<-'END'
		import sys
		from thrift.protocol import TBinaryProtocol, TCompactProtocol
		from thrift.server import TServer
		from thrift.transport import TSocket, TTransport
		from thrift.Thrift import TMessageType, TProcessor, TType
		class Echo(TProcessor):
		    def process(self, i, o):
		        name, kind, seq = i.readMessageBegin()
		        i.skip(TType.STRUCT)
		        i.readMessageEnd()
		        o.writeMessageBegin(name, TMessageType.REPLY, seq)
		        o.writeStructBegin("result")
		        o.writeFieldStop()
		        o.writeStructEnd()
		        o.writeMessageEnd()
		        o.trans.flush()
		        return True
		wrap, proto = {"binary": (TTransport.TBufferedTransportFactory(), TBinaryProtocol.TBinaryProtocolFactory()),
		               "compact": (TTransport.TFramedTransportFactory(), TCompactProtocol.TCompactProtocolFactory())}[sys.argv[2]]
		port = int(sys.argv[3])
		if sys.argv[1] == "server":
		    TServer.TThreadedServer(Echo(), TSocket.TServerSocket("10.9.0.2", port), wrap, proto, daemon=True).serve()
		t = wrap.getTransport(TSocket.TSocket("10.9.0.2", port))
		p = proto.getProtocol(t)
		t.open()
		for n in (1, 2):
		    p.writeMessageBegin("getStatus", TMessageType.CALL, n)
		    p.writeStructBegin("args")
		    p.writeFieldBegin("key", TType.STRING, 1)
		    p.writeString("colour")
		    p.writeFieldEnd()
		    p.writeFieldStop()
		    p.writeStructEnd()
		    p.writeMessageEnd()
		    t.flush()
		    p.readMessageBegin()
		    p.skip(TType.STRUCT)
		    p.readMessageEnd()
		t.close()
	END
	serve /usr/bin/python3 "$tmp/call.py" server binary 9090
	serve /usr/bin/python3 "$tmp/call.py" server compact 9091
	await tcp 9090
	await tcp 9091
	client /usr/bin/python3 "$tmp/call.py" client binary 9090
	client /usr/bin/python3 "$tmp/call.py" client compact 9091
	finish 'tcp.port == 9090' 'The Python library of Thrift calls a method,' 'in the binary form, and in the compact form in frames.' 'tcp 9090 Thrift' 'tcp 9091 Thrift'
}

attempt modbus_port netflow5 netflow9 ipfix uftp_file dds corba thrift_call
