// SPDX-License-Identifier: Apache-2.0

/** Whether a process of this machine is there; one that we may not signal is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
