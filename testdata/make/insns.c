/* A plugin of qemu-user that counts the instructions a program executes, in
 * all its threads, and writes the number to a file when it ends.
 *
 *	cc -O2 -shared -fPIC -o insns.so insns.c
 *	qemu-mipsel -plugin ./insns.so,out=FILE PROGRAM ...
 *
 * Debian has no qemu-plugin.h; what is used of the interface (QEMU: "TCG
 * Plugins", version 1, which every later QEMU still takes) is declared here. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct block; /* of translated code; QEMU's */

size_t qemu_plugin_tb_n_insns(const struct block *b);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*call)(uint64_t id, struct block *b));
void qemu_plugin_register_vcpu_tb_exec_cb(struct block *b, void (*call)(unsigned cpu, void *data), int registers, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*call)(uint64_t id, void *data), void *data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t count;
static FILE *out; /* opened at once: tcpdump gives its rights up */

/* QEMU's own adding in line loses counts where threads meet. */
static void executed(unsigned cpu, void *n)
{
	(void)cpu;
	__atomic_fetch_add(&count, (uintptr_t)n, __ATOMIC_RELAXED);
}

static void translated(uint64_t id, struct block *b)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(b, executed, 0, (void *)(uintptr_t)qemu_plugin_tb_n_insns(b));
}

static void ended(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	fprintf(out, "%" PRIu64 "\n", count);
	fclose(out);
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4) || !(out = fopen(argv[0] + 4, "w"))) {
		fprintf(stderr, "insns: want out=FILE, which can be written\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
