// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  int32,
  int53,
  list,
  object,
  oneOf,
  pattern,
  type Rule,
  string,
  strings,
  uint32,
  uint53,
  uint64,
} from '@lading/document';

/** Size of a terminal in characters. Ignored unless `terminal` is true. */
export interface Box {
  /** REQUIRED: lines. */
  readonly height: number;
  /** REQUIRED: columns. */
  readonly width: number;
}

/** Who the process runs as; ids are those inside the container. */
export interface User {
  /** REQUIRED except on Windows. */
  readonly uid?: number;
  /** REQUIRED except on Windows. */
  readonly gid?: number;
  /** OPTIONAL. Left as it is when absent. */
  readonly umask?: number;
  /** OPTIONAL. Groups besides `gid`. Linux, Solaris. */
  readonly additionalGids?: readonly number[];
  /** OPTIONAL. Windows. */
  readonly username?: string;
}

/** Capability sets, names as in `CAP_CHOWN`. Linux. */
export interface Capabilities {
  /** OPTIONAL. What the process can ever gain. */
  readonly bounding?: readonly string[];
  /** OPTIONAL. What the kernel checks. */
  readonly effective?: readonly string[];
  /** OPTIONAL. What execve(2) keeps for programs with inheritable file capabilities. */
  readonly inheritable?: readonly string[];
  /** OPTIONAL. What the process may make effective. */
  readonly permitted?: readonly string[];
  /** OPTIONAL. What execve(2) keeps for programs without file capabilities. */
  readonly ambient?: readonly string[];
}

/** A resource limit; each type at most once. */
export interface Rlimit {
  /** REQUIRED: `RLIMIT_NOFILE`, … */
  readonly type: string;
  /** REQUIRED. What is enforced; bigint from 2^53 up, `unlimited` for none. */
  readonly soft: number | bigint;
  /** REQUIRED. How far an unprivileged process may raise the soft limit. */
  readonly hard: number | bigint;
}

/** RLIM_INFINITY: the value of a limit that does not limit. */
export const unlimited: bigint = 0xffff_ffff_ffff_ffffn;

/** See sched(7). */
export type SchedulerPolicy =
  | 'SCHED_OTHER'
  | 'SCHED_FIFO'
  | 'SCHED_RR'
  | 'SCHED_BATCH'
  | 'SCHED_ISO'
  | 'SCHED_IDLE'
  | 'SCHED_DEADLINE';

const schedulerPolicy: Rule<SchedulerPolicy> = oneOf(
  'SCHED_OTHER',
  'SCHED_FIFO',
  'SCHED_RR',
  'SCHED_BATCH',
  'SCHED_ISO',
  'SCHED_IDLE',
  'SCHED_DEADLINE',
);

/** See sched_setattr(2). */
export type SchedulerFlag =
  | 'SCHED_FLAG_RESET_ON_FORK'
  | 'SCHED_FLAG_RECLAIM'
  | 'SCHED_FLAG_DL_OVERRUN'
  | 'SCHED_FLAG_KEEP_POLICY'
  | 'SCHED_FLAG_KEEP_PARAMS'
  | 'SCHED_FLAG_UTIL_CLAMP_MIN'
  | 'SCHED_FLAG_UTIL_CLAMP_MAX';

const schedulerFlag: Rule<SchedulerFlag> = oneOf(
  'SCHED_FLAG_RESET_ON_FORK',
  'SCHED_FLAG_RECLAIM',
  'SCHED_FLAG_DL_OVERRUN',
  'SCHED_FLAG_KEEP_POLICY',
  'SCHED_FLAG_KEEP_PARAMS',
  'SCHED_FLAG_UTIL_CLAMP_MIN',
  'SCHED_FLAG_UTIL_CLAMP_MAX',
);

/** sched_setattr(2). Linux. */
export interface Scheduler {
  /** REQUIRED. */
  readonly policy: SchedulerPolicy;
  /** OPTIONAL. Default 0; lower is favoured. */
  readonly nice?: number;
  /** OPTIONAL. Static priority under the real-time policies. Default 0. */
  readonly priority?: number;
  /** OPTIONAL. None by default. */
  readonly flags?: readonly SchedulerFlag[];
  /** OPTIONAL. Nanoseconds a period; for SCHED_DEADLINE, as the next two. */
  readonly runtime?: number;
  /** OPTIONAL. Nanoseconds. */
  readonly deadline?: number;
  /** OPTIONAL. Nanoseconds. */
  readonly period?: number;
}

/** Real time, best effort, idle. */
export type IoPriorityClass = 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE';

const ioClass: Rule<IoPriorityClass> = oneOf('IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE');

/** ioprio_set(2). Linux. */
export interface IoPriority {
  /** REQUIRED. */
  readonly class: IoPriorityClass;
  /** REQUIRED: 0, the highest, to 7; Go takes an absent one for 0. */
  readonly priority?: number;
}

/** CPU lists such as `0-3,7`. Linux, for processes started by exec. */
export interface CpuAffinity {
  /** OPTIONAL. While the runtime enters the cgroup. */
  readonly initial?: string;
  /** OPTIONAL. Once the process is in the cgroup. */
  readonly final?: string;
}

/**
 * The process of a container.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config.md#process
 */
export interface Process {
  /** OPTIONAL. Whether a terminal is attached. Default false. */
  readonly terminal?: boolean;
  /** OPTIONAL. Ignored unless `terminal` is true. */
  readonly consoleSize?: Box;
  /** REQUIRED by the text; Go takes an absent one for uid 0 and gid 0. */
  readonly user?: User;
  /** OPTIONAL. At least one entry except on Windows; the first is looked up in PATH. */
  readonly args?: readonly string[];
  /** OPTIONAL. Windows: the whole command line; `args` is then ignored. */
  readonly commandLine?: string;
  /** OPTIONAL. `NAME=value`. */
  readonly env?: readonly string[];
  /** REQUIRED: absolute path. */
  readonly cwd: string;
  /** OPTIONAL. Linux. Absent means none. */
  readonly capabilities?: Capabilities;
  /** OPTIONAL. POSIX platforms. Each type at most once. */
  readonly rlimits?: readonly Rlimit[];
  /** OPTIONAL. True bars set-uid programs and file capabilities. */
  readonly noNewPrivileges?: boolean;
  /** OPTIONAL. Linux: name of a loaded profile. */
  readonly apparmorProfile?: string;
  /** OPTIONAL. Left as it is when absent. */
  readonly oomScoreAdj?: number;
  /** OPTIONAL. Linux. */
  readonly scheduler?: Scheduler;
  /** OPTIONAL. Linux: context of the process. */
  readonly selinuxLabel?: string;
  /** OPTIONAL. Linux. */
  readonly ioPriority?: IoPriority;
  /** OPTIONAL. Linux. */
  readonly execCPUAffinity?: CpuAffinity;
}

const cpuList = pattern('a list of CPUs (0-3,7)', /^[0-9, -]*$/);

export const process: Rule<Process> = object<Process>(
  {
    terminal: boolean,
    consoleSize: object<Box>({ height: uint53, width: uint53 }, ['height', 'width']),
    user: object<User>({
      uid: uint32,
      gid: uint32,
      umask: uint32,
      additionalGids: list(uint32),
      username: string,
    }),
    args: strings,
    commandLine: string,
    env: strings,
    cwd: string,
    capabilities: object<Capabilities>({
      bounding: strings,
      effective: strings,
      inheritable: strings,
      permitted: strings,
      ambient: strings,
    }),
    rlimits: list(
      object<Rlimit>({ type: pattern('RLIMIT_ and a name', /^RLIMIT_[A-Z]+$/), soft: uint64, hard: uint64 }, [
        'type',
        'soft',
        'hard',
      ]),
    ),
    noNewPrivileges: boolean,
    apparmorProfile: string,
    oomScoreAdj: int53,
    scheduler: object<Scheduler>(
      {
        policy: schedulerPolicy,
        nice: int32,
        priority: int32,
        flags: list(schedulerFlag),
        runtime: uint53,
        deadline: uint53,
        period: uint53,
      },
      ['policy'],
    ),
    selinuxLabel: string,
    ioPriority: object<IoPriority>({ class: ioClass, priority: int32 }, ['class']),
    execCPUAffinity: object<CpuAffinity>({ initial: cpuList, final: cpuList }),
  },
  ['cwd'],
);
