// SPDX-License-Identifier: Apache-2.0

/** How a container's first process ended. */
export interface ExitStatus {
  /** 0-255; 128 + signal number when a signal ended it; 255 when nobody saw the end. */
  readonly exitCode: number;
  /** The kernel killed it, or one of its children, because the memory limit was reached. */
  readonly oomKilled: boolean;
  /** ISO 8601, UTC. When the end was not seen: the time at which it was noticed. */
  readonly finishedAt: string;
}

export interface WaitExitOptions {
  readonly signal?: AbortSignal;
  /** Of the container's first process, for a container whose own notes are lost. */
  readonly pid?: number;
  /** Of its monitor, likewise. */
  readonly monitorPid?: number;
}
