// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { bringUpLoopback } from '@lading/linux';
import { runBuiltIn } from './built-in/built-in.ts';
import type { CachedAttachment, ResultCache } from './cache.ts';
import { livingNamespace } from './namespace-path.ts';
import { isNewer, parseNetworkConfig } from './parse-config.ts';
import { attachmentEnv, capabilityArgs, checkAsked, pluginInput } from './plugin-input.ts';
import { toNewestResult } from './result.ts';
import { type CniCommand, type PluginCall, runPlugin } from './run-plugin.ts';
import type {
  CniAttachment,
  CniResult,
  DetachRequest,
  LoadedNetwork,
  NetworkConfigList,
  PluginConfig,
} from './types.ts';

type Members = Readonly<Record<string, unknown>>;

/** A roll-back must end, but not by the signal that ended the ADD. */
const rollBackLimitMs = 60_000;

/** Where plugins and notes are. */
export interface Places {
  readonly pluginDirs: readonly string[];
  readonly cache: ResultCache;
  /** Of one plugin. */
  readonly timeoutMs: number | undefined;
  /** Plugins that are plain to do are done without their program. */
  readonly isBuiltIn: boolean;
}

/** ADD of each plugin in order; each gets the result of the one before. */
export async function addTo(
  places: Places,
  { list, bytes }: LoadedNetwork,
  attachment: CniAttachment,
): Promise<CniResult> {
  const { containerId, netnsPath, ifName = 'eth0', args = {} } = attachment;
  attachmentEnv(attachment); // before anything is done
  const given = capabilityArgs(attachment);
  checkAsked(list, attachment);
  bringUpLoopback(netnsPath);
  let result: Members | undefined;
  try {
    for (const plugin of list.plugins) {
      result = (await run(places, 'ADD', list, plugin, attachment, given, result)) ?? result;
    }
    if (result === undefined) {
      throw new LadingError(Code.Internal, `the plugins of the network ${list.name} gave no result`, {
        reason: 'CNI_RESULT',
      });
    }
    const newest = toNewestResult(result, list.name);
    await places.cache.write({
      containerId,
      config: Buffer.from(bytes).toString('base64'),
      ifName,
      networkName: list.name,
      netns: netnsPath,
      cniArgs: Object.entries({ IgnoreUnknown: '1', ...args }),
      capabilityArgs: given,
      // A result without a version counts as the configuration's.
      result: { cniVersion: list.cniVersion, ...result },
    });
    return newest;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    // Nothing can be half made when not even the first plugin was there to run.
    if (failure.reason === 'CNI_PLUGIN_MISSING' && result === undefined) throw failure;
    const target = { ...attachment, signal: AbortSignal.timeout(rollBackLimitMs) };
    throw await rollBack(() => takeAway(places, list, target, given, result), failure);
  }
}

/** A half-made attachment may hold addresses. */
async function rollBack(undo: () => Promise<void>, failure: LadingError): Promise<LadingError> {
  try {
    await undo();
    return failure;
  } catch (second) {
    const { message } = LadingError.from(second);
    return new LadingError(failure.code, `${failure.message}; taking it back failed too: ${message}`, {
      cause: failure,
      ...(failure.reason !== undefined && { reason: failure.reason }),
      ...(failure.details && { details: failure.details }),
    });
  }
}

/** DEL by what was noted at the attachment, or else by what the folder of configurations says now. */
export async function removeFrom(
  places: Places,
  network: string,
  configured: NetworkConfigList | undefined,
  request: DetachRequest,
): Promise<void> {
  const { containerId, ifName = 'eth0' } = request;
  attachmentEnv(request); // the name of the note is made of these
  const cached = await places.cache.read({ network, containerId, ifName });
  const list = cached === undefined ? configured : configOf(cached);
  if (list === undefined) return;
  const netnsPath = await livingNamespace(request.netnsPath ?? cached?.netns);
  const args = cached === undefined ? request.args : Object.fromEntries(cached.cniArgs);
  const target = { ...request, netnsPath, ...(args && { args }) };
  const given = cached?.capabilityArgs ?? capabilityArgs(request);
  await takeAway(places, list, target, given, cached?.result);
}

/** Stops at the first failure and keeps the note: a retry begins with the last plugin again. */
async function takeAway(
  places: Places,
  list: NetworkConfigList,
  target: DetachRequest,
  given: Members,
  result: Members | undefined,
): Promise<void> {
  // Plugins of before 0.4.0 do not know a result at DEL.
  const prevResult = isNewer('0.4.0', list.cniVersion) ? undefined : result;
  for (const plugin of list.plugins.toReversed()) {
    await run(places, 'DEL', list, plugin, target, given, prevResult);
  }
  const { containerId, ifName = 'eth0' } = target;
  await places.cache.remove({ network: list.name, containerId, ifName });
}

/** CHECK of each plugin with the noted result. */
export async function checkOn(
  places: Places,
  list: NetworkConfigList,
  attachment: CniAttachment,
): Promise<void> {
  const { containerId, ifName = 'eth0' } = attachment;
  attachmentEnv(attachment);
  const cached = await places.cache.read({ network: list.name, containerId, ifName });
  if (cached === undefined) {
    throw new LadingError(Code.NotFound, `${containerId} is not attached to ${list.name} as ${ifName}`, {
      reason: 'CNI_NOT_ATTACHED',
    });
  }
  const then = configOf(cached);
  if (then.disableCheck === true || isNewer('0.4.0', then.cniVersion)) return;
  const target = { ...attachment, args: Object.fromEntries(cached.cniArgs) };
  for (const plugin of then.plugins) {
    await run(places, 'CHECK', then, plugin, target, cached.capabilityArgs, cached.result);
  }
}

async function run(
  { pluginDirs, timeoutMs, isBuiltIn }: Places,
  command: CniCommand,
  list: NetworkConfigList,
  plugin: PluginConfig,
  target: DetachRequest,
  given: Members,
  prevResult: Members | undefined,
): Promise<Members | undefined> {
  const call: PluginCall = {
    type: plugin.type,
    command,
    network: list.name,
    pluginDirs,
    timeoutMs,
    env: attachmentEnv(target),
    stdin: pluginInput(list, plugin, given, prevResult),
    ...(target.signal && { signal: target.signal }),
  };
  const done = isBuiltIn ? await runBuiltIn(call) : undefined;
  return done === undefined ? runPlugin(call) : done.result;
}

/** The configuration that was in force at the attachment. */
function configOf(cached: CachedAttachment): NetworkConfigList {
  const text = Buffer.from(cached.config, 'base64').toString();
  // The ending tells the parser which form the bytes have.
  const ending = text.includes('"plugins"') ? '.conflist' : '.conf';
  return parseNetworkConfig(text, `the cached configuration of ${cached.networkName}${ending}`);
}
