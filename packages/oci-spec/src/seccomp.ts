// SPDX-License-Identifier: Apache-2.0
import { list, object, oneOf, type Rule, string, strings, uint32, uint64 } from '@lading/document';

/** What happens to a system call. */
export type SeccompAction =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY';

const action: Rule<SeccompAction> = oneOf(
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
);

/** How an argument is compared. */
export type SeccompOperator =
  | 'SCMP_CMP_NE'
  | 'SCMP_CMP_LT'
  | 'SCMP_CMP_LE'
  | 'SCMP_CMP_EQ'
  | 'SCMP_CMP_GE'
  | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ';

const operator: Rule<SeccompOperator> = oneOf(
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
);

/** A condition on one argument of a system call. */
export interface SeccompArg {
  /** REQUIRED: 0 to 5. */
  readonly index: number;
  /** REQUIRED. Bigint from 2^53 up. */
  readonly value: number | bigint;
  /** Of SCMP_CMP_MASKED_EQ, where `value` is the mask. */
  readonly valueTwo?: number | bigint;
  /** REQUIRED. */
  readonly op: SeccompOperator;
}

export interface SeccompSyscall {
  /** REQUIRED: at least one. */
  readonly names: readonly string[];
  /** REQUIRED. */
  readonly action: SeccompAction;
  /** errno of SCMP_ACT_ERRNO and SCMP_ACT_TRACE. Default EPERM. */
  readonly errnoRet?: number;
  /** All must hold. */
  readonly args?: readonly SeccompArg[];
}

/**
 * A filter of system calls.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md#seccomp
 */
export interface Seccomp {
  /** REQUIRED. For system calls that `syscalls` does not name. */
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  /** `SCMP_ARCH_X86_64`, … */
  readonly architectures?: readonly string[];
  /** `SECCOMP_FILTER_FLAG_LOG`, … */
  readonly flags?: readonly string[];
  /** Socket that gets the listener's file descriptor; for SCMP_ACT_NOTIFY. */
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls?: readonly SeccompSyscall[];
}

export const seccomp: Rule<Seccomp> = object<Seccomp>(
  {
    defaultAction: action,
    defaultErrnoRet: uint32,
    architectures: strings,
    flags: strings,
    listenerPath: string,
    listenerMetadata: string,
    syscalls: list(
      object<SeccompSyscall>(
        {
          names: list(string, 1),
          action,
          errnoRet: uint32,
          args: list(
            object<SeccompArg>({ index: uint32, value: uint64, valueTwo: uint64, op: operator }, [
              'index',
              'value',
              'op',
            ]),
          ),
        },
        ['names', 'action'],
      ),
    ),
  },
  ['defaultAction'],
);
