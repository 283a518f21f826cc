// SPDX-License-Identifier: Apache-2.0

export interface EngineEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: 'container' | 'pod' | 'image';
  readonly action:
    | 'create'
    | 'start'
    | 'died'
    | 'cleanup'
    | 'remove'
    | 'stop'
    | 'kill'
    | 'pause'
    | 'unpause'
    | 'rename'
    | 'exec'
    | 'attach'
    | 'pull'
    | 'tag'
    | 'untag';
  readonly id: string;
  readonly name?: string;
  /** Such as `exitCode` and `image`. */
  readonly attributes?: Readonly<Record<string, string>>;
}
