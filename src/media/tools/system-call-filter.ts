/**
 * Which system calls a confined tool may make, as the program that Linux runs at each of them
 * (seccomp, classic BPF). A decoder needs files, memory, threads and, at most, a local socket; what
 * is refused are the calls through which a broken one reaches further into the kernel: mounts,
 * namespaces, other processes, keys, modules, tracing, and families of sockets that no tool uses.
 */

interface Machine {
  /** `AUDIT_ARCH_…`, see linux/audit.h. */
  audit: number;
  calls: { clone: number; clone3: number; socket: number; ioctl: number; refused: number[] };
}

/** By Node's name; calls by number, see asm/unistd.h. */
const machines: Partial<Record<NodeJS.Architecture, Machine>> = {
  x64: {
    audit: 0xc000003e,
    calls: {
      ...{ clone: 56, clone3: 435, socket: 41, ioctl: 16 },
      refused: [
        ...[101, 310, 311, 312, 438, 440], // ptrace, process_vm_readv and _writev, kcmp, pidfd_getfd, process_madvise
        ...[165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442], // mount, umount2, pivot_root, chroot, and the newer calls for mounts
        ...[272, 308], // unshare, setns
        ...[248, 249, 250], // add_key, request_key, keyctl
        ...[175, 176, 313, 246, 320, 169], // modules, kexec, reboot
        ...[298, 321, 323, 425, 426, 427, 300], // perf_event_open, bpf, userfaultfd, io_uring, fanotify_init
        ...[303, 304, 133, 259], // name_to_handle_at, open_by_handle_at, mknod, mknodat
        ...[164, 159, 227, 305], // setting clocks
        ...[135, 134, 136, 139, 153, 154, 163, 172, 173, 212], // personality and calls that are hardly used any more
        ...[103, 167, 168, 170, 171, 179, 443], // syslog, swap, names of the machine, quotas
        ...[237, 238, 256, 279], // placing memory
      ],
    },
  },
  arm64: {
    audit: 0xc00000b7,
    calls: {
      ...{ clone: 220, clone3: 435, socket: 198, ioctl: 29 },
      refused: [
        ...[117, 270, 271, 272, 438, 440],
        ...[40, 39, 41, 51, 428, 429, 430, 431, 432, 433, 442],
        ...[97, 268],
        ...[217, 218, 219],
        ...[105, 106, 273, 104, 294, 142],
        ...[241, 280, 282, 425, 426, 427, 262],
        ...[264, 265, 33],
        ...[170, 171, 112, 266],
        ...[92, 58, 89, 18],
        ...[116, 224, 225, 161, 162, 60, 443],
        ...[235, 237, 238, 239],
      ],
    },
  },
};

/** `CLONE_NEW…`: namespaces of its own would give a tool capabilities inside them. */
const newNamespaces = 0x7e020000;
/** AF_UNIX, AF_INET, AF_INET6. */
const families = [1, 2, 10];
/** TIOCSTI, TIOCLINUX: typing into somebody's terminal. */
const terminalTricks = [0x5412, 0x541c];
/** Calls of x86-64's other ABI carry this bit, and would pass under other numbers. */
const x32Bit = 0x40000000;

const errno = { notPermitted: 1, noSuchCall: 38, noSuchFamily: 97 };
const verdict = { kill: 0x80000000, allow: 0x7fff0000, error: (code: number) => 0x00050000 | code };
/** Offsets in `struct seccomp_data`: lower halves of the arguments. */
const at = { number: 0, machine: 4, first: 16, second: 24 };
/** See linux/bpf_common.h. */
const op = { load: 0x20, equal: 0x15, atLeast: 0x35, anyBit: 0x45, answer: 0x06 };

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number];

/** @returns `null` for a kind of machine whose calls aren't listed here */
export function systemCallFilter(machine: NodeJS.Architecture = process.arch): Buffer | null {
  const known = machines[machine];
  if (known === undefined) return null;
  const { clone, clone3, socket, ioctl, refused } = known.calls;
  const program: Instruction[] = [
    [op.load, 0, 0, at.machine],
    [op.equal, 1, 0, known.audit],
    [op.answer, 0, 0, verdict.kill],
    [op.load, 0, 0, at.number],
    [op.atLeast, 0, 1, x32Bit],
    [op.answer, 0, 0, verdict.kill],
    ...refused.flatMap((call) => answerTo(call, errno.notPermitted)),
    // The C library then asks by `clone`, whose flags can be read.
    ...answerTo(clone3, errno.noSuchCall),
    ...inspect(clone, at.first, [
      [op.anyBit, 0, 1, newNamespaces],
      [op.answer, 0, 0, verdict.error(errno.notPermitted)],
      [op.answer, 0, 0, verdict.allow],
    ]),
    ...inspect(ioctl, at.second, [
      ...terminalTricks.flatMap((request) => answerTo(request, errno.notPermitted)),
      [op.answer, 0, 0, verdict.allow],
    ]),
    ...inspect(socket, at.first, [
      ...families.flatMap((family) => allowed(family)),
      [op.answer, 0, 0, verdict.error(errno.noSuchFamily)],
    ]),
    [op.answer, 0, 0, verdict.allow],
  ];
  return encoded(program);
}

/** What was loaded is this: such an error. */
function answerTo(value: number, code: number): Instruction[] {
  return [
    [op.equal, 0, 1, value],
    [op.answer, 0, 0, verdict.error(code)],
  ];
}

function allowed(value: number): Instruction[] {
  return [
    [op.equal, 0, 1, value],
    [op.answer, 0, 0, verdict.allow],
  ];
}

/** For this call an argument decides; `rules` answers whatever it is. */
function inspect(call: number, argument: number, rules: Instruction[]): Instruction[] {
  return [[op.equal, 0, rules.length + 1, call], [op.load, 0, 0, argument], ...rules];
}

/** `struct sock_filter`, in the byte order of both machines. */
function encoded(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  }
  return bytes;
}
