// SPDX-License-Identifier: Apache-2.0
import type { Attachment, AttachStreams, TerminalSize } from './attach.ts';
import type { CheckpointOptions } from './checkpoint.ts';
import type {
  ContainerOptions,
  IdMaps,
  NetworkChoice,
  ResourceLimits,
  RestartPolicy,
} from './container-options.ts';
import type { ExitStatus } from './exit-status.ts';
import type { Health, HealthAction, HealthCheck, HealthReport } from './health.ts';
import type { PullProgress } from './images.ts';
import type { LogEntry, LogOptions } from './logs.ts';
import type { NetworkAttachment } from './network.ts';
import type { CgroupStats, ExecResult, ExecSyncResult } from './runtime-handler.ts';

/**
 * - `created`: never started since it was made
 * - `initialized`: mounted, connected and made by the runtime; its command waits for a start
 * - `running`, `paused`
 * - `stopped`: ended, but not cleaned up yet
 * - `exited`: ended and cleaned up
 */
export type ContainerStatus = 'created' | 'initialized' | 'running' | 'paused' | 'stopped' | 'exited';

/** One life of a container, from start to clean-up: `<runDir>/containers/<id>.json`. */
export interface ContainerRun {
  readonly startedAt: string;
  /** 0 while the start is under way, or when it broke off: whoever finds that cleans up. */
  readonly pid: number;
  /** The runtime has said that it runs. Missing: the runtime has to be asked. */
  readonly begun?: true;
  /** Made ahead of its start, and waits for it. */
  readonly initialized?: true;
  /** Start time of `pid` in the kernel's ticks: a number that is used again has another. */
  readonly pidStartTicks?: string;
  readonly monitorPid?: number;
  /** Control group of the monitor, where that is not in the one of who started it. */
  readonly monitorCgroup?: string;
  /** The process that has its health checked. */
  readonly healthTimer?: { readonly pid: number; readonly startTicks: string };
  /** Boot of the machine in which it was started; of another boot nothing can still run. */
  readonly bootId: string;
  /** The network namespace pinned for it alone. */
  readonly netnsPath?: string;
  readonly networks: readonly NetworkAttachment[];
  /** Merged root file system; empty until it is mounted. */
  readonly rootfs: string;
}

/** What is on disk of a container: `<stateDir>/containers/<id>.json`. */
export interface ContainerRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly imageId: string;
  /** The name it was asked by, normalised; the id when it was asked by id. */
  readonly imageName: string;
  /** As given, with name, stopSignal and so on filled in. */
  readonly options: ContainerOptions;
  /** Full id of the pod. */
  readonly podId?: string;
  readonly runtime: string;
  /** Command line and environment as they will run: image and options put together. */
  readonly process: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly user: string;
  };
  readonly stopSignal: string;
  readonly stopTimeoutMs: number;
  readonly logPath: string;
  /** The container's folder: config.json, log, attach socket. */
  readonly bundle: string;
  /** Present while it runs, or has run and is not cleaned up. */
  readonly run?: ContainerRun;
  /** How the last run ended; present once that has been seen. */
  readonly exit?: ExitStatus;
  /** When the last run began. */
  readonly startedAt?: string;
  /** Why the last start failed; `exit` then says it as a shell does: 127, 126, or 125. */
  readonly error?: string;
  /** Held since the last start, and given back by its clean-up: a reboot makes `run` void, but no address free. */
  readonly networks?: readonly NetworkAttachment[];
  /** Who its process was at the last start. */
  readonly user?: {
    readonly uid: number;
    readonly gid: number;
    readonly additionalGids: readonly number[];
  };
  /** Starts after the first. */
  readonly restartCount: number;
  /** Starts by its restart policy since the last one by a call. */
  readonly retries?: number;
  /** The ids that it has, in a user namespace of its own. */
  readonly idMaps?: IdMaps;
  /** That of its options, or of its image. */
  readonly healthCheck?: HealthCheck;
}

/** A record and what is derived from the exit file and the runtime at the time of the call. */
export interface ContainerInfo extends ContainerRecord {
  readonly status: ContainerStatus;
  /** Of the first process; 0 when it does not run. */
  readonly pid: number;
  /** What its health checks have found, since it was started first. */
  readonly health?: Health;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface CreateOptions extends CallOptions {
  readonly onProgress?: (event: PullProgress) => void;
}

export interface StartOptions extends CallOptions {
  /** Connected before the process starts, so that no output is lost. */
  readonly attach?: AttachStreams;
  /** Descriptors of this process that the container's gets, as 3 and on. Not of one that was made ready by `init`. */
  readonly fds?: readonly number[];
  /** Gets the live attachment before the process starts, which waits for what is returned. */
  readonly onAttach?: (attachment: Attachment) => void | Promise<void>;
}

export interface RunOptions extends StartOptions {
  readonly onProgress?: (event: PullProgress) => void;
  /** Called when the record exists, before the start. */
  readonly onCreate?: (container: ContainerInfo) => void;
  /** Called when the process runs. */
  readonly onStart?: (container: ContainerInfo) => void;
}

export interface RunResult extends ExitStatus {
  readonly id: string;
  /** True when the client left by its detach keys and the container still runs. */
  readonly detached: boolean;
}

export interface ExecOptions extends CallOptions, AttachStreams {
  readonly command: readonly string[];
  /** On top of the container's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly user?: string;
  readonly terminal?: boolean;
  /** Sizes of the terminal: its first, and each that it takes on. */
  readonly resizes?: AsyncIterable<TerminalSize>;
  readonly privileged?: boolean;
  /** Leave it running and return at once. */
  readonly detach?: boolean;
  /** Descriptors of this process that the new one gets, as 3 and on. */
  readonly fds?: readonly number[];
  readonly timeoutMs?: number;
}

export interface ExecSyncOptions extends CallOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly user?: string;
  readonly timeoutMs?: number;
  /** Of each stream; more is dropped. Default 16 MiB. */
  readonly limitBytes?: number;
}

/** Names by number, of /etc/passwd and /etc/group. */
export interface Accounts {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

export interface ListOptions {
  /** Also those that do not run. Default false. */
  readonly all?: boolean;
  /** Take paused ones for running, which spares a look at the control group of each. Default false. */
  readonly pausedAsRunning?: boolean;
  readonly pod?: string;
  /** All of these must match; an empty value matches any. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface StopOptions extends CallOptions {
  /** Default: the container's. 0 kills at once. */
  readonly timeoutMs?: number;
}

/** What can be changed of a container beside its limits; what is left out stays. */
export interface ContainerChanges {
  readonly restartPolicy?: RestartPolicy | 'no';
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that go, also those of the image. */
  readonly unsetEnv?: readonly string[];
  /** What is given replaces that of its check. A check that was changed begins anew. */
  readonly healthCheck?: Partial<HealthCheck>;
  readonly onUnhealthy?: HealthAction;
}

export interface RemoveOptions extends CallOptions {
  /** Kill it first when it runs. */
  readonly force?: boolean;
  /**
   * What becomes of containers that require it: they stay, and cannot be started again; it is not removed because of
   * them; or they are removed first. Default `keep`.
   */
  readonly dependents?: 'keep' | 'refuse' | 'remove';
  /** Stop it by its stop signal first, waiting this long before KILL; implies nothing unless `force`. Default 0. */
  readonly timeoutMs?: number;
  /** Remove the volumes that were made for it alone, too. A container with `autoRemove` always does. */
  readonly volumes?: boolean;
  /** No error when it does not exist. */
  readonly ignoreMissing?: boolean;
}

/** The files of a container: with those of its volumes and of the host's folders that are mounted in it. */
export interface ContainerFiles {
  readonly id: string;
  /** As whom its process runs, in the ids of the container; 0:0 before its first start. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** Of its user namespace. */
  readonly idMaps?: IdMaps;
  /**
   * The host's path of a path in the container, with every link resolved inside of it; undefined when it is not there.
   * No part of it is a link, so that what it leads to is a file of the container.
   * @throws FailedPrecondition for what is in memory alone, such as a tmpfs and `/proc`
   */
  resolve(path: string): Promise<string | undefined>;
}

/** Usage of one container. */
export interface ContainerStats extends CgroupStats {
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/**
 * Containers. `ref` is a full id, a unique prefix of one, or a name.
 * Every call throws NotFound when nothing matches, and InvalidArgument when a prefix matches several.
 */
export interface Containers {
  /**
   * Makes the record and the storage, mounts nothing.
   * @throws AlreadyExists when the name is taken, NotFound for an unknown image or pod
   */
  create(options: ContainerOptions, call?: CreateOptions): Promise<ContainerInfo>;
  /**
   * Mounts, connects and starts it. Whatever fails undoes what was done.
   * @throws FailedPrecondition when it runs; NotFound with reason COMMAND_NOT_FOUND, or
   * PermissionDenied with reason COMMAND_NOT_EXECUTABLE, for its command
   */
  start(ref: string, options?: StartOptions): Promise<ContainerInfo>;
  /**
   * Mounts and connects it, and has the runtime make it, so that it can be looked at before its command runs; a start goes
   * on from there. To stop or to remove it ends that.
   * @throws FailedPrecondition when it runs, or that is done already
   */
  init(ref: string, call?: CallOptions): Promise<ContainerInfo>;
  /** Create, start, wait, clean up. With `autoRemove` also when a step fails. */
  run(options: ContainerOptions, run?: RunOptions): Promise<RunResult>;
  /** Sends the stop signal, waits, sends KILL, cleans up. Nothing happens when it does not run. */
  stop(ref: string, options?: StopOptions): Promise<ContainerInfo>;
  /** @throws FailedPrecondition when it does not run */
  kill(ref: string, signal?: string | number): Promise<void>;
  /**
   * Gives the ids of what was removed.
   * @throws FailedPrecondition when it runs and `force` is not given; with reason CONTAINER_REQUIRED when others require it
   */
  remove(ref: string, options?: RemoveOptions): Promise<readonly string[]>;
  /** Waits for the end and cleans up. Returns at once when it has ended. */
  wait(ref: string, options?: CallOptions): Promise<ExitStatus>;
  exec(ref: string, options: ExecOptions): Promise<ExecResult>;
  execSync(ref: string, options: ExecSyncOptions): Promise<ExecSyncResult>;
  /**
   * Checks its health now, and does what its options have for one that becomes unhealthy.
   * @throws FailedPrecondition when it does not run, or has no check
   */
  checkHealth(ref: string, options?: CallOptions): Promise<HealthReport>;
  attach(ref: string, streams: AttachStreams, options?: CallOptions): Promise<Attachment>;
  logs(ref: string, options?: LogOptions): AsyncIterable<LogEntry>;
  /** With `pausedAsRunning`, one of which nothing has changed is the same object as in the list before. */
  list(options?: ListOptions): Promise<readonly ContainerInfo[]>;
  inspect(ref: string): Promise<ContainerInfo>;
  exists(ref: string): Promise<boolean>;
  rename(ref: string, name: string): Promise<void>;
  /** Puts it on one more network, now and at every start. @throws FailedPrecondition for one that is on no bridge */
  connect(ref: string, network: NetworkChoice): Promise<void>;
  /** Takes it off a network. @throws NotFound when it is not on that */
  disconnect(ref: string, network: string): Promise<void>;
  /**
   * Connects it to its networks anew, with the same addresses, such as after a firewall was set up again.
   * @throws FailedPrecondition when it does not run, or is on no network of its own
   */
  reconnect(ref: string): Promise<void>;
  pause(ref: string): Promise<void>;
  unpause(ref: string): Promise<void>;
  /**
   * Limits and checks of one that runs change at once; variables count from its next start, a policy from its next end.
   * @throws FailedPrecondition for a policy of one that removes itself, or a part of a check where there is none
   */
  update(ref: string, resources: ResourceLimits, changes?: ContainerChanges): Promise<void>;
  stats(ref: string): Promise<ContainerStats>;
  /**
   * Saves its processes and what it has changed of its image in an archive. It is frozen meanwhile, and runs on.
   * @throws FailedPrecondition when it does not run, and where CRIU is not there or fails
   */
  checkpoint(ref: string, options: CheckpointOptions): Promise<void>;
  /** Ids of its processes, in the host's numbering. */
  processes(ref: string): Promise<readonly number[]>;
  /** What the container itself calls users and groups. @throws InvalidArgument when these files are no files */
  accounts(ref: string): Promise<Accounts>;
  /**
   * Gives its files, running or not, for as long as `task` takes. Meanwhile it is frozen, and its lock held.
   * @throws what `task` throws
   */
  withFiles<T>(ref: string, task: (files: ContainerFiles) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Size of its terminal. */
  resize(ref: string, size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Have the monitor open its log anew, after the file was renamed. */
  reopenLog(ref: string): Promise<void>;
  /**
   * Undoes what a start made, once the process has ended; removes it when it was asked to. Any number of
   * times, from several processes. Starts it again when its restart policy says so. Returns the container, or undefined
   * when it is gone.
   */
  cleanup(ref: string, options?: CallOptions): Promise<ContainerInfo | undefined>;
}
