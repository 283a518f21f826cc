// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';

export interface EngineEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: 'container' | 'pod' | 'image' | 'volume';
  readonly action:
    | 'create'
    | 'init'
    | 'start'
    | 'died'
    | 'cleanup'
    | 'remove'
    | 'stop'
    | 'restart'
    | 'update'
    | 'kill'
    | 'pause'
    | 'unpause'
    | 'checkpoint'
    | 'rename'
    | 'exec'
    | 'exec_died'
    | 'health_status'
    | 'attach'
    | 'commit'
    | 'mount'
    | 'unmount'
    | 'pull'
    | 'push'
    | 'save'
    | 'loadfromarchive'
    | 'tag'
    | 'untag';
  readonly id: string;
  readonly name?: string;
  /** Such as `exitCode`, `image`, and `oomKilled` (`true`, else left out). */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Of a container. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface EventOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called when an event is lost because 10 000 others wait to be read. */
  readonly onDrop?: ((event: EngineEvent) => void) | undefined;
}

/** Which events of the log are wanted. */
export interface EventLogOptions {
  readonly since?: Date | undefined;
  /** With `follow` it ends at this time. */
  readonly until?: Date | undefined;
  /** Goes on with those that come. Default false. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchExitsOptions {
  /** A clean-up failed, of that container; it is tried again by the next call that finds the end. */
  readonly onError?: ((error: LadingError, id?: string) => void) | undefined;
}
