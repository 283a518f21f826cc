// SPDX-License-Identifier: Apache-2.0
import { Code } from './code.ts';

const codes: Readonly<Record<string, Code>> = {
  ENOENT: Code.NotFound,
  ESRCH: Code.NotFound,
  EEXIST: Code.AlreadyExists,
  EACCES: Code.PermissionDenied,
  EPERM: Code.PermissionDenied,
  EROFS: Code.PermissionDenied,
  EINVAL: Code.InvalidArgument,
  ENAMETOOLONG: Code.InvalidArgument,
  ELOOP: Code.InvalidArgument,
  ENOTDIR: Code.FailedPrecondition,
  EISDIR: Code.FailedPrecondition,
  ENOTEMPTY: Code.FailedPrecondition,
  EBUSY: Code.FailedPrecondition,
  EADDRINUSE: Code.AlreadyExists,
  ENOSPC: Code.ResourceExhausted,
  EDQUOT: Code.ResourceExhausted,
  ESTALE: Code.Unavailable,
  EUCLEAN: Code.DataLoss,
  EMFILE: Code.ResourceExhausted,
  ENFILE: Code.ResourceExhausted,
  ENOMEM: Code.ResourceExhausted,
  EAGAIN: Code.ResourceExhausted,
  // No descriptors or memory for a thread; only the message says which.
  ERR_WORKER_INIT_FAILED: Code.ResourceExhausted,
  ENOSYS: Code.Unimplemented,
  EOPNOTSUPP: Code.Unimplemented,
  ECONNREFUSED: Code.Unavailable,
  ECONNRESET: Code.Unavailable,
  EPIPE: Code.Unavailable,
  ENETUNREACH: Code.Unavailable,
  EHOSTUNREACH: Code.Unavailable,
  ENOTFOUND: Code.Unavailable,
  EAI_AGAIN: Code.Unavailable,
  ETIMEDOUT: Code.DeadlineExceeded,
  UND_ERR_CONNECT_TIMEOUT: Code.Unavailable,
  UND_ERR_HEADERS_TIMEOUT: Code.DeadlineExceeded,
  UND_ERR_BODY_TIMEOUT: Code.DeadlineExceeded,
  UND_ERR_SOCKET: Code.Unavailable,
  UND_ERR_ABORTED: Code.Canceled,
};

/** What file systems say on Linux and Node has no name for. */
const nameless: Readonly<Record<string, readonly [name: string, meaning: string]>> = {
  '-116': ['ESTALE', 'the file handle is stale'],
  '-117': ['EUCLEAN', 'the file system is damaged'],
  '-122': ['EDQUOT', 'the disk quota is used up'],
};

/** Node's words for what it has no name for: of synchronous calls the one, of others the other. */
const unnamed = /^(?:UNKNOWN: unknown error|Unknown system error (-\d+): Unknown system error \1)/;

/** The message of an error, with its name where Node has none. */
export function messageOf(error: Error): string {
  const [name, meaning] = namelessOf(error) ?? [];
  return name === undefined ? error.message : error.message.replace(unnamed, `${name}: ${meaning}`);
}

function namelessOf(error: Error): readonly [name: string, meaning: string] | undefined {
  const isNameless = 'code' in error && /^(?:UNKNOWN|Unknown system error .*)$/.test(String(error.code));
  return isNameless && 'errno' in error ? nameless[String(error.errno)] : undefined;
}

/**
 * The errno name that an error or one of its causes carries in `code`, and the {@link Code} it stands for.
 * Undefined where no name is known.
 */
export function codeOfSystemError(error: Error): { errno: string; code: Code } | undefined {
  const seen = new Set<unknown>(); // a cause may lead back to itself
  for (let next: unknown = error; next instanceof Error && !seen.has(next); next = next.cause) {
    seen.add(next);
    const own: unknown = 'code' in next ? next.code : undefined;
    if (typeof own !== 'string') continue;
    const errno = namelessOf(next)?.[0] ?? own;
    const code = Object.hasOwn(codes, errno) ? codes[errno] : undefined;
    if (code !== undefined) return { errno, code };
  }
  return undefined;
}
