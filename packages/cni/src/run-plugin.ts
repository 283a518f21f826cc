// SPDX-License-Identifier: Apache-2.0
import { access, constants as modes } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { runProgram } from '@lading/linux';
import { isObject } from './parse-config.ts';

export type CniCommand = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';

export interface PluginCall {
  readonly type: string;
  readonly command: CniCommand;
  /** Only for messages. */
  readonly network: string;
  readonly pluginDirs: readonly string[];
  /** CNI_ variables beside the command and the path. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: unknown;
  /** A plugin that runs longer is killed. Default two minutes. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal;
}

/** What the error codes of the specification amount to. */
const codes: Readonly<Record<number, Code>> = {
  1: Code.FailedPrecondition,
  2: Code.InvalidArgument,
  3: Code.NotFound,
  4: Code.InvalidArgument,
  5: Code.Unavailable,
  6: Code.InvalidArgument,
  7: Code.InvalidArgument,
  8: Code.InvalidArgument,
  11: Code.Unavailable,
  50: Code.Unavailable,
  51: Code.Unavailable,
};

/** Long enough for a plugin that waits for its own daemon to start. */
const defaultTimeoutMs = 120_000;
const mostOutput = 4 << 20;
const busyTries = 5;
const busyPauseMs = 1000;

/**
 * Runs a plugin and gives what it printed, undefined for nothing.
 *
 * @throws LadingError with reason `CNI_<code>` for a plugin's own error; `not_found` when there is no such plugin;
 * `deadline_exceeded` with reason `CNI_TIMEOUT` when it took too long; `canceled`
 */
export async function runPlugin(call: PluginCall): Promise<Record<string, unknown> | undefined> {
  const program = await findPlugin(call);
  for (let tries = 1; ; tries++) {
    try {
      return await runOnce(program, call);
    } catch (error) {
      // Somebody is installing a new version of the plugin.
      const isBusy = error instanceof LadingError && error.reason === 'ETXTBSY';
      if (!isBusy || tries === busyTries) throw LadingError.from(error);
      await sleep(busyPauseMs, undefined, call.signal === undefined ? {} : { signal: call.signal });
    }
  }
}

/** @throws LadingError `not_found` when there is no such program */
export async function findPlugin({ type, pluginDirs }: PluginCall): Promise<string> {
  for (const dir of pluginDirs) {
    const path = join(dir, type);
    if (
      await access(path, modes.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new LadingError(
    Code.NotFound,
    `the CNI plugin ${type} is in none of ${pluginDirs.join(', ')}; the usual plugins are in the Debian package containernetworking-plugins`,
    { reason: 'CNI_PLUGIN_MISSING' },
  );
}

async function runOnce(program: string, call: PluginCall): Promise<Record<string, unknown> | undefined> {
  const { exitCode, signal, stdout, stderr, isOverflown } = await withinTime(call, async (limit) => {
    const ended = await runProgram(program, {
      args: [],
      env: { ...inherited(), ...call.env, CNI_COMMAND: call.command, CNI_PATH: call.pluginDirs.join(':') },
      // A plugin that does not read its input has its own reason; what it says then tells more.
      input: Buffer.from(JSON.stringify(call.stdin)),
      limitBytes: mostOutput,
      // The IPAM plugin that it runs is ended with it.
      signal: limit,
    });
    if (ended.exitCode !== 0) limit.throwIfAborted();
    return ended;
  });
  if (isOverflown) throw tooMuch(call);
  const json = parseOutput(stdout);
  if (exitCode === 0) {
    if (json === undefined && stdout.trim() !== '')
      throw failure(call, { msg: `printed what is no JSON: ${stdout.slice(0, 200)}` });
    return json;
  }
  const end = signal === null ? String(exitCode) : signalName(signal);
  throw failure(call, json ?? { msg: stderr.trim().slice(-2000) || `ended with ${end} and said nothing` });
}

/** Ends the work when the caller does not want it any more, or it takes too long. */
export async function withinTime<T>(call: PluginCall, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const { signal: asked, timeoutMs = defaultTimeoutMs } = call;
  asked?.throwIfAborted();
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await work(AbortSignal.any(asked === undefined ? [late] : [late, asked]));
  } catch (error) {
    asked?.throwIfAborted();
    throw late.aborted ? tooLate(call, timeoutMs) : error;
  }
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

/** Ours, as every runtime passes it on; what a runtime around us told us is not meant for it. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CNI_')));
}

function parseOutput(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined; // the caller says what was printed instead
  }
}

function tooLate({ type: plugin, command, network }: PluginCall, timeoutMs: number): LadingError {
  return new LadingError(
    Code.DeadlineExceeded,
    `CNI plugin ${plugin} was not done with ${command} for the network ${network} after ${timeoutMs / 1000} s, and was killed; see what it waits for`,
    { reason: 'CNI_TIMEOUT', details: { plugin, command, network } },
  );
}

function tooMuch({ type: plugin, command, network }: PluginCall): LadingError {
  return new LadingError(
    Code.ResourceExhausted,
    `CNI plugin ${plugin} printed more than 4 MiB at ${command} for the network ${network}, and was killed`,
    { reason: 'CNI_OUTPUT', details: { plugin, command, network } },
  );
}

/** What went wrong in a plugin's work, said as if the plugin had said it. */
export function pluginFailure(call: PluginCall, error: unknown): LadingError {
  call.signal?.throwIfAborted();
  const cause = LadingError.from(error, Code.Internal);
  if (cause.reason === 'CNI_TIMEOUT') return cause;
  const { code, message, details } = failure(call, { msg: cause.message });
  return new LadingError(cause.code === Code.Internal ? code : cause.code, message, {
    reason: 'CNI_999',
    cause,
    ...(details && { details }),
  });
}

function failure(call: PluginCall, said: Record<string, unknown>): LadingError {
  const number = typeof said.code === 'number' ? said.code : 999;
  const details = typeof said.details === 'string' && said.details !== '' ? `: ${said.details}` : '';
  const { type: plugin, command, network } = call;
  const words = `${String(said.msg ?? 'no message')}${details}`
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 2000);
  const message = `CNI plugin ${plugin} failed at ${command} for the network ${network}: ${words}`;
  return new LadingError(codes[number] ?? Code.Internal, message, {
    reason: `CNI_${number}`,
    details: { plugin, command, network },
  });
}
