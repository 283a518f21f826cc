// SPDX-License-Identifier: Apache-2.0

/** A longer folder makes the path of conmon's console socket too long for a socket address. */
const tmpdirLimit = 80;

/**
 * The environment for runtime and monitor: ours, without what they would take for theirs. With NOTIFY_SOCKET
 * runc mounts our service manager's socket into the container, with LISTEN_FDS it hands our descriptors on.
 */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { NOTIFY_SOCKET: _n, LISTEN_FDS: _f, LISTEN_PID: _p, LISTEN_FDNAMES: _m, ...rest } = process.env;
  const { TMPDIR: tmpdir, ...others } = rest;
  return { ...(tmpdir !== undefined && tmpdir.length <= tmpdirLimit ? rest : others), ...extra };
}
