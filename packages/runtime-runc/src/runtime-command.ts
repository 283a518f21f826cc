// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { capture } from './capture.ts';
import { findProgram } from './find-program.ts';
import { type RuntimeCall, runtimeError, runtimeHangs } from './runtime-error.ts';
import { lastLoggedError } from './runtime-log.ts';
import { openWorkFolder, type WorkFolder } from './work-folder.ts';

export interface RuntimeCommandOptions {
  readonly runtimePath: string;
  readonly root: string;
  readonly systemdCgroup: boolean;
  readonly extraArgs: readonly string[];
  readonly workFolder: string;
  /** A call that takes longer is killed. */
  readonly timeoutMs: number;
}

/** The runtime's program and the words that stand before each subcommand. */
export interface RuntimeCommand {
  /** Absolute path. @throws NotFound naming the Debian package */
  path(): Promise<string>;
  /** Global flags without the log. */
  readonly globalArgs: readonly string[];
  /** For files of one call. */
  readonly work: WorkFolder;
  /** Runs a subcommand and returns its stdout. @throws what {@link runtimeError} makes of its last words */
  run(call: RuntimeCall, args: readonly string[], input?: Uint8Array): Promise<string>;
}

export function createRuntimeCommand(options: RuntimeCommandOptions): RuntimeCommand {
  const globalArgs = [`--root=${options.root}`, ...options.extraArgs];
  const { timeoutMs } = options;
  const work = openWorkFolder(options.workFolder);
  let found: string | undefined;

  async function path(): Promise<string> {
    found ??= await findProgram(options.runtimePath, options.runtimePath.replace(/^.*\//, ''));
    return found;
  }

  return {
    path,
    globalArgs,
    work,
    async run(call, args, input) {
      const program = await path();
      using log = temporaryLog(await work.path('log'));
      const systemd = options.systemdCgroup ? ['--systemd-cgroup'] : [];
      const words = [...globalArgs, ...systemd, ...logArgs(log.path), call.verb, ...args];
      const limitMs = call.timeoutMs ?? timeoutMs;
      const captured = await capture(program, words, { input, timeoutMs: limitMs });
      const { exitCode, stdout, stderr, isLate } = captured;
      if (isLate) throw runtimeHangs(call, limitMs);
      if (exitCode === 0) return stdout;
      throw runtimeError((await lastLoggedError(log.path)) ?? stderr, call);
    },
  };
}

/** Flags that make the runtime write its log as JSON lines to a file. */
export function logArgs(path: string): readonly string[] {
  return [`--log=${path}`, '--log-format=json'];
}

/** A name for a log that is removed at the end of the scope. */
function temporaryLog(path: string): Disposable & { readonly path: string } {
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { force: true }),
  };
}
