// SPDX-License-Identifier: Apache-2.0

/** By their numbers, of `capabilities(7)`. */
const names: readonly string[] =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** `full`, `none`, or names in their order, for a mask in hex as in `/proc/PID/status`. */
export function capabilityNames(mask: string): string {
  const bits = BigInt(`0x${mask}`);
  if (bits === 0n) return 'none';
  const held = names.filter((_name, bit) => (bits >> BigInt(bit)) % 2n === 1n);
  return held.length === names.length ? 'full' : held.toSorted().join(',');
}
