// SPDX-License-Identifier: Apache-2.0
import type { Features, Spec, State } from '@lading/oci-spec';
import type { Attachment, AttachStreams, Sink, TerminalSize } from './attach.ts';
import type { LogDriver } from './container-options.ts';
import type { ExitStatus } from './exit-status.ts';

/** The process part of a runtime spec. */
export type ProcessSpec = NonNullable<Spec['process']>;
/** The resources part of a runtime spec. */
export type ResourcesSpec = NonNullable<NonNullable<Spec['linux']>['resources']>;

export interface RuntimeCreate {
  readonly id: string;
  readonly name?: string;
  /** Folder of config.json. */
  readonly bundle: string;
  readonly logPath: string;
  readonly logDriver?: LogDriver;
  /** Of the lines in the journal. */
  readonly logTag?: string;
  readonly logSizeMaxBytes?: number;
  /** It is killed when it has run so long. */
  readonly timeoutMs?: number;
  readonly pidFile: string;
  readonly conmonPidFile: string;
  readonly stdin?: boolean;
  readonly leaveStdinOpen?: boolean;
  readonly terminal?: boolean;
  /** Socket of a service manager: `READY=1` goes there from `notify/notify.sock` of the bundle. */
  readonly notifySocket?: string;
  /** Descriptors of this process that the container's gets, as 3 and on. */
  readonly fds?: readonly number[];
  /** argv that the monitor runs when the container has ended. */
  readonly exitCommand?: readonly string[];
  /** Folders of control groups that the monitor is to be in. */
  readonly monitorCgroups?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface RuntimeCreated {
  /** Of the container's first process, in the host's numbering. */
  readonly pid: number;
  readonly monitorPid: number;
}

export interface RuntimeExec {
  readonly process: ProcessSpec;
  readonly terminal?: boolean;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly onStdout?: Sink;
  readonly onStderr?: Sink;
  /** Sizes of the terminal, as it takes them on. */
  readonly resizes?: AsyncIterable<TerminalSize>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly detach?: boolean;
  /** Bytes on stdin at which the client leaves; the process goes on. */
  readonly detachSequence?: Uint8Array;
  /** Descriptors of this process that the new one gets, as 3 and on. */
  readonly fds?: readonly number[];
}

export interface ExecResult {
  readonly exitCode: number;
  /** The client has left by its keys, and the process goes on. */
  readonly detached?: true;
}

export interface ExecSyncResult extends ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Counters of a control group; a controller that is missing leaves its numbers 0. */
export interface CgroupStats {
  readonly cpuUsageNs: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryLimitBytes?: number;
  readonly processes: number;
}

/** A seam: what the engine asks of a runtime. `createRuncRuntime` of runtime-runc is one, of runc with conmon. */
export interface RuntimeHandler {
  version(): Promise<string>;
  features?(): Promise<Features | undefined>;
  /** Resolves when what it takes to make containers is there. @throws LadingError saying what is missing */
  check?(): Promise<void>;
  /** Forgets a recorded end of the same id. A failure leaves nothing behind. */
  create(request: RuntimeCreate): Promise<RuntimeCreated>;
  start(id: string): Promise<void>;
  /** Undefined when the runtime does not know it. */
  state(id: string): Promise<State | undefined>;
  kill(id: string, signal: string | number, options?: { readonly all?: boolean }): Promise<void>;
  /** Idempotent. */
  delete(id: string, options?: { readonly force?: boolean }): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  processes(id: string): Promise<readonly number[]>;
  update(id: string, resources: ResourcesSpec): Promise<void>;
  /**
   * Saves the processes of a container in a folder, with a log and figures in the other; they run on. Missing: it cannot.
   *
   * @throws FailedPrecondition where what it takes is not there, or does not work
   */
  checkpoint?(
    id: string,
    request: {
      readonly imagePath: string;
      readonly workPath: string;
      readonly timeoutMs?: number | undefined;
    },
  ): Promise<void>;
  exec(id: string, request: RuntimeExec): Promise<ExecResult>;
  execSync(
    id: string,
    request: {
      readonly process: ProcessSpec;
      readonly timeoutMs?: number;
      readonly limitBytes?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<ExecSyncResult>;
  attach(
    id: string,
    bundle: string,
    streams: AttachStreams,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Attachment>;
  resize(
    id: string,
    bundle: string,
    size: { readonly columns: number; readonly rows: number },
  ): Promise<void>;
  reopenLog(id: string, bundle: string): Promise<void>;
  /**
   * Waits for the end; also notices that the monitor died.
   *
   * @throws NotFound of one that was forgotten, also meanwhile
   */
  waitExit(
    id: string,
    options?: { readonly signal?: AbortSignal; readonly pid?: number; readonly monitorPid?: number },
  ): Promise<ExitStatus>;
  /** Undefined when no end has been recorded. */
  exitStatus(id: string): Promise<ExitStatus | undefined>;
  /** Tells of ends as they are recorded; they are looked for every few seconds where that is missing. */
  watchExits?(listener: (id: string) => void): Disposable;
  /** Forgets the recorded end. Idempotent. */
  forget(id: string): Promise<void>;
}

/** What a {@link RuntimeModule} is told. Both folders are on a tmpfs, and may not be there yet. */
export interface RuntimeModuleOptions {
  /** Under which the configuration has it. */
  readonly name: string;
  /** For the runtime's own state. */
  readonly root: string;
  /** For a file of each container that has ended; shared by all runtimes. */
  readonly exitDir: string;
  /** Default `conmon` in PATH. */
  readonly conmonPath?: string | undefined;
  /** Of the monitor, on top of the environment of this process. */
  readonly monitorEnv?: Readonly<Record<string, string>> | undefined;
  /** A call of the runtime that takes longer is ended. Default four minutes. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A module (`.js`, `.mjs`, `.ts`, …) whose path stands where a runtime's program could: `--runtime ./handler.ts`, or
 * `runtime_path` in a configuration. It runs with all rights of the program that loads it.
 *
 * @example
 * ```ts
 * import type { RuntimeModule, RuntimeModuleOptions } from '@lading/engine';
 * import { createRuncRuntime } from '@lading/runtime-runc';
 *
 * // A file of one's own would export the function.
 * const module: RuntimeModule = {
 *   createRuntimeHandler({ name, root, exitDir }: RuntimeModuleOptions) {
 *     const runc = createRuncRuntime({ root, exitDir });
 *     return { ...runc, version: async () => `${name} on runc` };
 *   },
 * };
 *
 * const options = { name: 'mine', root: '/run/mine/state', exitDir: '/run/mine/exits' };
 * const handler = await module.createRuntimeHandler(options);
 * console.log(await handler.version()); // → mine on runc
 * ```
 */
export interface RuntimeModule {
  createRuntimeHandler(options: RuntimeModuleOptions): RuntimeHandler | Promise<RuntimeHandler>;
}
