// SPDX-License-Identifier: Apache-2.0
import { list, object, type Rule, string, uint32, uint64 } from '@lading/document';
import {
  action,
  arch,
  flag,
  operator,
  type SeccompAction,
  type SeccompArch,
  type SeccompFlag,
  type SeccompOperator,
} from './seccomp-words.ts';

/** A condition on one argument of a system call. */
export interface SeccompArg {
  /** REQUIRED: 0 to 5. */
  readonly index: number;
  /** REQUIRED. Bigint from 2^53 up. */
  readonly value: number | bigint;
  /** OPTIONAL. Of SCMP_CMP_MASKED_EQ, where `value` is the mask. */
  readonly valueTwo?: number | bigint;
  /** REQUIRED. */
  readonly op: SeccompOperator;
}

export interface SeccompSyscall {
  /** REQUIRED: at least one. */
  readonly names: readonly string[];
  /** REQUIRED. */
  readonly action: SeccompAction;
  /** OPTIONAL. errno of SCMP_ACT_ERRNO and SCMP_ACT_TRACE. Default EPERM. */
  readonly errnoRet?: number;
  /** OPTIONAL. All must hold. */
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
  /** OPTIONAL. errno of that action. Default EPERM. */
  readonly defaultErrnoRet?: number;
  /** OPTIONAL. `SCMP_ARCH_X86_64`, … */
  readonly architectures?: readonly SeccompArch[];
  /** OPTIONAL. `SECCOMP_FILTER_FLAG_LOG`, … */
  readonly flags?: readonly SeccompFlag[];
  /** OPTIONAL. Socket that gets the listener's file descriptor; for SCMP_ACT_NOTIFY. */
  readonly listenerPath?: string;
  /** OPTIONAL. Passed to the listener; needs `listenerPath`. */
  readonly listenerMetadata?: string;
  /** OPTIONAL. What none of them names gets the default action. */
  readonly syscalls?: readonly SeccompSyscall[];
}

export const seccomp: Rule<Seccomp> = object<Seccomp>(
  {
    defaultAction: action,
    defaultErrnoRet: uint32,
    architectures: list(arch),
    flags: list(flag),
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
