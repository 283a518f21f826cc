// SPDX-License-Identifier: Apache-2.0
import type { Features, LinuxResources, Process, State } from '@lading/oci-spec';
import type { Attachment, AttachStreams, Sink, TerminalSize } from './attach-types.ts';
import type { ExitStatus, WaitExitOptions } from './exit-types.ts';

export interface RuncRuntimeOptions {
  /** Program of the runtime: a name looked up in PATH, or a path. Default `runc`. */
  readonly runtimePath?: string;
  /** The runtime's state folder (its `--root`). */
  readonly root: string;
  /** Program of the monitor. Default `conmon`. */
  readonly conmonPath?: string;
  /** Of the monitor, on top of the environment of this process. */
  readonly monitorEnv?: Readonly<Record<string, string>> | undefined;
  /** Folder in which the monitor leaves a file for each container that has ended. */
  readonly exitDir: string;
  /** Let systemd make the control groups. Default false. */
  readonly systemdCgroup?: boolean;
  /** A call of the runtime that takes longer is killed; exec has a limit of its own. Default four minutes. */
  readonly timeoutMs?: number | undefined;
  /** Further global flags of the runtime, such as `--debug`. */
  readonly extraArgs?: readonly string[];
}

export type LogDriver = 'k8s-file' | 'none' | 'passthrough' | 'journald';

export interface CreateRequest {
  readonly id: string;
  /** Only for logs. */
  readonly name?: string;
  /** Folder of config.json; the monitor keeps its sockets here. */
  readonly bundle: string;
  /** Log file in the form of CRI. Must not hold a colon: the monitor cuts it there. */
  readonly logPath: string;
  /**
   * Default `k8s-file`. `passthrough`: no log, and the container has stdin, stdout and stderr of this process; not with a
   * terminal. `journald`: needs its socket.
   */
  readonly logDriver?: LogDriver;
  /** Of the lines in the journal. */
  readonly logTag?: string;
  /** The log is begun anew when it would grow past this. */
  readonly logSizeMaxBytes?: number;
  readonly pidFile: string;
  /** The monitor kills the container when it has run so long; whole seconds, a part of one counts as one. */
  readonly timeoutMs?: number;
  readonly conmonPidFile: string;
  /** Make a pipe for stdin; otherwise the process reads from /dev/null. Default false. */
  readonly stdin?: boolean;
  /** Keep stdin open when an attached client closes its side. Default false. */
  readonly leaveStdinOpen?: boolean;
  /** Must say the same as `process.terminal` of config.json. Default false. */
  readonly terminal?: boolean;
  /** Socket of a service manager: `READY=1` comes there when it is sent to `notify/notify.sock` of the bundle. */
  readonly notifySocket?: string;
  /** Descriptors of this process that the container's gets, as 3 and on. The monitor holds them as long as it lives. */
  readonly fds?: readonly number[];
  /** argv, with an absolute path first, that the monitor runs when the container has ended. */
  readonly exitCommand?: readonly string[];
  /** Folders of control groups that the monitor is moved to before it starts. */
  readonly monitorCgroups?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Created {
  /** Of the container's first process, in the host's numbering. */
  readonly pid: number;
  readonly monitorPid: number;
}

export interface CheckpointRequest {
  /** Folder for what CRIU saves of the processes. */
  readonly imagePath: string;
  /** Folder for the log of CRIU, `dump.log`, and its figures. */
  readonly workPath: string;
  /** It is killed when it takes longer. Default: as for all calls of the runtime. */
  readonly timeoutMs?: number | undefined;
}

export interface ExecRequest {
  readonly process: Process;
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Without one the output is dropped. With a terminal all output comes here. */
  readonly onStdout?: Sink;
  readonly onStderr?: Sink;
  /** Of the process's terminal, when it has one: its first size, and each that it takes on. Its end changes nothing. */
  readonly resizes?: AsyncIterable<TerminalSize>;
  /** A process that runs longer is killed. */
  readonly timeoutMs?: number;
  /** Kills the process when it aborts. */
  readonly signal?: AbortSignal;
  /** Return once the process has started and leave it to itself, without streams. */
  readonly detach?: boolean;
  /** Bytes on stdin at which the client leaves: the process goes on, and its output is dropped. Default none. */
  readonly detachSequence?: Uint8Array;
  /** Descriptors of this process that the new one gets, as 3 and on. */
  readonly fds?: readonly number[];
}

export interface ExecSyncRequest {
  readonly process: Process;
  readonly timeoutMs?: number;
  /** Of each stream; what is beyond is dropped. Default 16 MiB. */
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** 128 + signal number when a signal ended it; 0 for a detached one. */
  readonly exitCode: number;
  /** The client has left by its keys, and the process goes on. */
  readonly detached?: true;
}

export interface ExecSyncResult extends ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * Containers of one runtime. Every call throws NotFound with reason CONTAINER_UNKNOWN for an id that the
 * runtime does not know, unless it says otherwise, and NotFound with reason PROGRAM_UNKNOWN when runtime or
 * monitor is not installed, and DeadlineExceeded with reason RUNTIME_HANGS when the runtime takes too long.
 */
export interface RuncRuntime {
  /** As the runtime tells it: `1.1.5+ds1`. */
  version(): Promise<string>;
  /** Resolves when runtime and monitor are there. @throws NotFound with reason PROGRAM_UNKNOWN */
  check(): Promise<void>;
  /** Undefined when the runtime is too old to tell. */
  features(): Promise<Features | undefined>;
  /**
   * Starts a monitor, which makes the container; its process waits for {@link start}.
   *
   * @throws AlreadyExists with reason CONTAINER_EXISTS; NotFound with reason COMMAND_NOT_FOUND and
   * PermissionDenied with reason COMMAND_NOT_EXECUTABLE for the command of config.json
   */
  create(request: CreateRequest): Promise<Created>;
  start(id: string): Promise<void>;
  /** Undefined when the runtime does not know it. */
  state(id: string): Promise<State | undefined>;
  list(): Promise<readonly State[]>;
  /** @throws FailedPrecondition with reason CONTAINER_NOT_RUNNING */
  kill(id: string, signal: string | number, options?: { readonly all?: boolean }): Promise<void>;
  /** Idempotent. @throws FailedPrecondition with reason CONTAINER_RUNNING without `force` */
  delete(id: string, options?: { readonly force?: boolean }): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Ids of its processes, in the host's numbering. */
  processes(id: string): Promise<readonly number[]>;
  update(id: string, resources: LinuxResources): Promise<void>;
  /**
   * Saves the processes of a container, which run on.
   *
   * @throws FailedPrecondition with reason CRIU_UNKNOWN where CRIU is not installed, with CHECKPOINT_FAILED where it fails
   */
  checkpoint(id: string, request: CheckpointRequest): Promise<void>;
  /**
   * Runs a further process in the container. It is killed when `signal` aborts (Canceled) or when it runs
   * longer than `timeoutMs` (DeadlineExceeded).
   *
   * @throws NotFound with reason COMMAND_NOT_FOUND, PermissionDenied with reason COMMAND_NOT_EXECUTABLE
   */
  exec(id: string, request: ExecRequest): Promise<ExecResult>;
  /** As {@link exec}, with the output kept in memory. */
  execSync(id: string, request: ExecSyncRequest): Promise<ExecSyncResult>;
  /** Connects to the streams of the first process, as often as wanted. Output from before is not repeated. */
  attach(
    id: string,
    bundle: string,
    streams: AttachStreams,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Attachment>;
  /** @throws FailedPrecondition with reason MONITOR_GONE */
  resize(id: string, bundle: string, size: TerminalSize): Promise<void>;
  /** Makes the monitor open its log anew, and waits until it has. Rename the old file before. */
  reopenLog(id: string, bundle: string): Promise<void>;
  /** Waits for the end of a container that any process made with these folders. */
  waitExit(id: string, options?: WaitExitOptions): Promise<ExitStatus>;
  /** Undefined when no end has been recorded. */
  exitStatus(id: string): Promise<ExitStatus | undefined>;
  /** Tells of each end that is recorded from now on; not of one whose monitor was killed. */
  watchExits(listener: (id: string) => void): Disposable;
  /** Forgets the recorded end, so that the id can be used again. Idempotent. */
  forget(id: string): Promise<void>;
}
