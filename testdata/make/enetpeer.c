// One end of an ENet connection: enetpeer serve PORT, or enetpeer ADDRESS PORT,
// which says five lines and reads them back.
#include <enet/enet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ENetPacket *line(const void *text, size_t length) { return enet_packet_create(text, length, ENET_PACKET_FLAG_RELIABLE); }

int main(int argc, char **argv) {
	if (argc != 3 || enet_initialize() != 0) return 2;
	int serves = strcmp(argv[1], "serve") == 0, said = 0;
	ENetAddress address = {.host = ENET_HOST_ANY, .port = atoi(argv[2])};
	ENetHost *host = enet_host_create(serves ? &address : NULL, 4, 2, 0, 0);
	if (host == NULL) return 2;
	if (!serves) {
		enet_address_set_host(&address, argv[1]);
		enet_host_connect(host, &address, 2, 0);
	}
	ENetEvent event;
	while (enet_host_service(host, &event, 10000) > 0 || serves) {
		switch (event.type) {
		case ENET_EVENT_TYPE_CONNECT:
			if (!serves) enet_peer_send(event.peer, 0, line("to the left", 12));
			break;
		case ENET_EVENT_TYPE_RECEIVE:
			if (serves) enet_peer_send(event.peer, event.channelID, line(event.packet->data, event.packet->dataLength));
			else if (++said < 5) enet_peer_send(event.peer, said & 1, line("and jump", 9));
			else enet_peer_disconnect_later(event.peer, 0);
			enet_packet_destroy(event.packet);
			break;
		case ENET_EVENT_TYPE_DISCONNECT:
			if (!serves) return said == 5 ? 0 : 1;
			break;
		default:
			break;
		}
	}
	return 1;
}
