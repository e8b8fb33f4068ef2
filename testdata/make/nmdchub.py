# A hub of the NMDC protocol (https://nmdc.sourceforge.io/NMDC.html), as small as two clients need it.
import selectors, socket, sys

listener = socket.create_server((sys.argv[1], 411))
listener.setblocking(False)
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
users, info, nick, rest = {}, {}, {}, {}

def say(connection, *commands):
    connection.sendall(b"".join(c + b"|" for c in commands))

def everyone(command):
    for connection in users.values():
        say(connection, command)

def hear(connection, command):
    word, _, args = command.partition(b" ")
    if word == b"$Supports":
        say(connection, b"$Supports NoGetINFO NoHello UserIP2 TTHSearch")
    elif word == b"$ValidateNick":
        nick[connection] = args
        users[args] = connection
        say(connection, b"$Hello " + args)
    elif word == b"$MyINFO":
        info[nick[connection]] = command
        everyone(command)
        for other in info.values():
            say(connection, other)
    elif word == b"$GetNickList":
        say(connection, b"$NickList " + b"$$".join(users) + b"$$", *info.values())
    elif word == b"$Search":
        everyone(command)
    elif word in (b"$ConnectToMe", b"$RevConnectToMe"):
        to = args.split()[0] if word == b"$ConnectToMe" else args.split()[1]
        say(users[to], command)

while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            connection, _ = listener.accept()
            selector.register(connection, selectors.EVENT_READ)
            rest[connection] = b""
            say(connection, b"$Lock EXTENDEDPROTOCOLABCABCABCABCABCABC Pk=small", b"$HubName a hub")
            continue
        data = key.fileobj.recv(65536)
        if not data:
            selector.unregister(key.fileobj)
            continue
        *commands, rest[key.fileobj] = (rest[key.fileobj] + data).split(b"|")
        for command in commands:
            hear(key.fileobj, command)
