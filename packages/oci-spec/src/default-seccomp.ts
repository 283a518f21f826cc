// SPDX-License-Identifier: Apache-2.0
import { describe } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import {
  allowed,
  byArchitecture,
  byCapability,
  forbidden,
  personalities,
} from './default-seccomp-syscalls.ts';
import type { Seccomp, SeccompArg, SeccompSyscall } from './seccomp.ts';
import type { SeccompArch } from './seccomp-words.ts';

/** What the default profile depends on. */
export interface DefaultSeccompOptions {
  /** The bounding set of the process: `CAP_SYS_ADMIN`, … */
  readonly capabilities: readonly string[];
  /** Of the machine, as images have it: `amd64`, `arm64`, `riscv64`, … */
  readonly architecture: string;
}

/** By architecture, that of libseccomp and those whose programs the kernel runs beside it. */
const architectures: Readonly<Record<string, readonly SeccompArch[]>> = {
  amd64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  mips64: ['SCMP_ARCH_MIPS64', 'SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64N32'],
  mips64le: ['SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  // The runtime adds its own architecture where none is named.
  '386': [],
  arm: [],
  loong64: [],
  mips: [],
  mipsle: [],
  ppc: [],
  ppc64: [],
  ppc64le: [],
  riscv64: [],
  s390: [],
};

const [eperm, einval, enosys] = [1, 22, 38];
/** Address families and a protocol of socket(2). */
const [AF_NETLINK, AF_VSOCK, NETLINK_AUDIT] = [16, 40, 9];

/**
 * The default filter of system calls of the containers project, as Podman, Buildah and CRI-O apply it: for a
 * process with these capabilities on this architecture. System calls that it does not name fail with ENOSYS,
 * so that programs fall back; those that are refused on purpose with EPERM.
 *
 * @throws LadingError `invalid_argument` for an unknown architecture
 *
 * @example
 * ```ts
 * import { defaultLinuxSpec, defaultSeccomp, withSeccomp } from '@lading/oci-spec';
 *
 * const spec = defaultLinuxSpec();
 * const capabilities = spec.process?.capabilities?.bounding ?? [];
 * const confined = withSeccomp(spec, defaultSeccomp({ capabilities, architecture: 'arm64' }));
 * console.log(confined.linux?.seccomp?.architectures); // → [ 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM' ]
 * ```
 */
export function defaultSeccomp({ capabilities, architecture }: DefaultSeccompOptions): Seccomp {
  const archs = Object.hasOwn(architectures, architecture) ? architectures[architecture] : undefined;
  if (archs === undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `${describe(architecture)} is not an architecture that seccomp knows: try ${Object.keys(architectures).join(', ')}`,
    );
  }
  const has = (names: string): boolean =>
    names.split(' ').some((name) => capabilities.includes(`CAP_${name}`));
  const syscalls: SeccompSyscall[] = [
    refuse(forbidden),
    allow(allowed),
    ...personalities.map((value) => allow(['personality'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
    ...byArchitecture
      .filter(([names]) => names.split(' ').includes(architecture))
      .map(([, names]) => allow(names)),
    ...byCapability.map(([anyOf, names]) => (has(anyOf) ? allow(names) : refuse(names))),
    ...sockets(has('AUDIT_WRITE')),
  ];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: enosys,
    ...(archs.length > 0 && { architectures: archs }),
    syscalls,
  };
}

function allow(names: readonly string[], ...args: readonly SeccompArg[]): SeccompSyscall {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length > 0 && { args }) };
}

function refuse(names: readonly string[], ...args: readonly SeccompArg[]): SeccompSyscall {
  return { names, action: 'SCMP_ACT_ERRNO', errnoRet: eperm, ...(args.length > 0 && { args }) };
}

/** Every socket but those to the machine of a virtual one, and those to the audit log where that is not granted. */
function sockets(auditWrite: boolean): SeccompSyscall[] {
  const family = (value: number, op: SeccompArg['op']): SeccompArg => ({ index: 0, value, op });
  const protocol = (value: number, op: SeccompArg['op']): SeccompArg => ({ index: 2, value, op });
  const names = ['socket'];
  const vsock = refuse(names, family(AF_VSOCK, 'SCMP_CMP_EQ'));
  if (auditWrite) return [vsock, allow(names, family(AF_VSOCK, 'SCMP_CMP_NE'))];
  const audit = [family(AF_NETLINK, 'SCMP_CMP_EQ'), protocol(NETLINK_AUDIT, 'SCMP_CMP_EQ')];
  return [
    vsock,
    // Programs take EINVAL for a kernel without audit, and go on.
    { ...refuse(names, ...audit), errnoRet: einval },
    allow(names, family(AF_NETLINK, 'SCMP_CMP_EQ'), protocol(NETLINK_AUDIT, 'SCMP_CMP_NE')),
    allow(names, family(AF_NETLINK, 'SCMP_CMP_NE')),
  ];
}
