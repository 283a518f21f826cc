// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** What the runtime was asked to do. */
export interface RuntimeCall {
  /** `create`, `exec`, … */
  readonly verb: string;
  readonly id?: string;
  /** It is killed when it takes longer. Default: what holds for all calls. */
  readonly timeoutMs?: number | undefined;
}

interface Known {
  readonly pattern: RegExp;
  readonly code: Code;
  readonly reason: string;
}

/**
 * Words of runc 1.1 to 1.5, crun and runsc, most particular first. A command that is missing is only
 * recognised by the words around it: a mount source that is missing ends in "no such file or directory" too.
 */
const known: readonly Known[] = [
  {
    pattern:
      /executable file .*not found|exec: "[^"]*": (?:stat [^:]*: )?no such file or directory|error finding executable/i,
    code: Code.NotFound,
    reason: 'COMMAND_NOT_FOUND',
  },
  {
    pattern:
      /exec: "[^"]*": (?:[^"]*: )?(?:permission denied|is a directory)|open executable: permission denied|exec \S+: (?:permission denied|exec format error)/i,
    code: Code.PermissionDenied,
    reason: 'COMMAND_NOT_EXECUTABLE',
  },
  { pattern: /\bchdir .*no such file/i, code: Code.NotFound, reason: 'WORKDIR_UNKNOWN' },
  {
    pattern: /\bchdir .*(?:not a directory|permission denied)|container init: mkdir \S+: not a directory/i,
    code: Code.InvalidArgument,
    reason: 'WORKDIR_UNUSABLE',
  },
  {
    pattern:
      /container (?:"[^"]*" )?does not exist|container not found|error opening file .*status.*no such file|file does not exist: loading container/i,
    code: Code.NotFound,
    reason: 'CONTAINER_UNKNOWN',
  },
  {
    pattern: /container with (?:given )?id (?:already )?exists|container .*already exists/i,
    code: Code.AlreadyExists,
    reason: 'CONTAINER_EXISTS',
  },
  { pattern: /unknown signal|invalid signal/i, code: Code.InvalidArgument, reason: 'SIGNAL_UNKNOWN' },
  {
    pattern: /cannot exec in a paused container|container (?:is )?paused/i,
    code: Code.FailedPrecondition,
    reason: 'CONTAINER_PAUSED',
  },
  {
    pattern: /container not paused|is not paused/i,
    code: Code.FailedPrecondition,
    reason: 'CONTAINER_NOT_PAUSED',
  },
  {
    pattern:
      /not running|has stopped|in a stopped (?:container|state)|process already finished|no such process/i,
    code: Code.FailedPrecondition,
    reason: 'CONTAINER_NOT_RUNNING',
  },
  {
    pattern: /already running|that is not stopped|is still running/i,
    code: Code.FailedPrecondition,
    reason: 'CONTAINER_RUNNING',
  },
];

/** Turns the runtime's words into an error whose reason a program can act on. */
export function runtimeError(words: string, call: RuntimeCall): LadingError {
  const text = oneLine(words);
  const match = known.find(({ pattern }) => pattern.test(text));
  return new LadingError(match?.code ?? Code.Internal, `${named(call)} failed: ${text}`, {
    reason: match?.reason ?? 'RUNTIME_FAILED',
    details: { verb: call.verb, ...(call.id !== undefined && { id: call.id }), words: text },
  });
}

/** For a runtime that was killed because it took too long. */
export function runtimeHangs(call: RuntimeCall, timeoutMs: number): LadingError {
  const { verb, id } = call;
  return new LadingError(
    Code.DeadlineExceeded,
    `${named(call)} was not done after ${timeoutMs / 1000} s, and was killed; see what the runtime waits for`,
    { reason: 'RUNTIME_HANGS', details: { verb, ...(id !== undefined && { id }) } },
  );
}

function named({ verb, id }: RuntimeCall): string {
  return id === undefined ? `runtime ${verb}` : `runtime ${verb} of container ${id}`;
}

/** Text of a foreign program as one line that a terminal can show, at most 2000 characters. */
export function oneLine(text: string): string {
  const clean = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return clean === '' ? 'it gave no reason' : clean.slice(0, 2000);
}
