// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type CachedAttachment, createResultCache } from './cache.ts';
import { loadNetworks } from './load-networks.ts';
import { isNewer, parseNetworkConfig } from './parse-config.ts';
import { attachmentEnv, capabilityArgs, pluginInput } from './plugin-input.ts';
import { toNewestResult } from './result.ts';
import { type CniCommand, runPlugin } from './run-plugin.ts';
import type { CniAttachment, CniResult, LoadedNetwork, NetworkConfigList } from './types.ts';

export interface CniOptions {
  /** Folder of network configurations. Default `/etc/cni/net.d`. */
  readonly configDir?: string;
  /** Folders of plugins. Default `/opt/cni/bin` and `/usr/lib/cni`. */
  readonly pluginDirs?: readonly string[];
  /** Folder of what is known of attachments. Default `/var/lib/cni`. */
  readonly cacheDir?: string;
  /** Name of the default network. Default: the first one in the folder. */
  readonly defaultNetwork?: string;
  /** Gets the error of each configuration file that is passed over. */
  readonly onInvalid?: (error: LadingError) => void;
}

/** Networks through CNI plugins. The configuration folder is read anew at each call. */
export interface Cni {
  networks(): Promise<readonly LoadedNetwork[]>;
  /** @throws LadingError `failed_precondition` when there is none */
  defaultNetwork(): Promise<LoadedNetwork>;
  /** Resolves when the default network can be used. @throws LadingError saying what is missing */
  status(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Connects a network namespace (CNI ADD). A failure is rolled back. */
  attach(attachment: CniAttachment): Promise<CniResult>;
  /** Takes a connection away (CNI DEL). Any number of times, also when the namespace is gone. */
  detach(attachment: Omit<CniAttachment, 'netnsPath'> & { readonly netnsPath?: string }): Promise<void>;
  /** Asks the plugins whether a connection is as they made it (CNI CHECK). */
  check(attachment: CniAttachment): Promise<void>;
}

const defaultPluginDirs = ['/opt/cni/bin', '/usr/lib/cni'];

export function createCni(options: CniOptions = {}): Cni {
  const {
    configDir = '/etc/cni/net.d',
    pluginDirs = defaultPluginDirs,
    cacheDir = '/var/lib/cni',
    onInvalid,
  } = options;
  const cache = createResultCache(cacheDir);
  const networks = (): Promise<readonly LoadedNetwork[]> =>
    loadNetworks(configDir, onInvalid === undefined ? {} : { onInvalid });

  const find = async (name: string | undefined): Promise<LoadedNetwork> => {
    const all = await networks();
    const wanted = name ?? options.defaultNetwork;
    const found = wanted === undefined ? all[0] : all.find((network) => network.name === wanted);
    if (found !== undefined) return found;
    if (wanted === undefined)
      throw new LadingError(Code.FailedPrecondition, `no CNI network is configured in ${configDir}`, {
        reason: 'CNI_NO_NETWORK',
      });
    const others = all.map((network) => network.name).join(', ') || 'none';
    throw new LadingError(
      Code.NotFound,
      `the network ${wanted} is not configured in ${configDir}; there are: ${others}`,
    );
  };

  type Target = Omit<CniAttachment, 'netnsPath'> & { readonly netnsPath?: string };
  const run = (
    command: CniCommand,
    list: NetworkConfigList,
    index: number,
    target: Target,
    given: Readonly<Record<string, unknown>>,
    prevResult: unknown,
  ) => {
    const plugin = list.plugins[index];
    if (plugin === undefined)
      throw new LadingError(Code.Internal, `the network ${list.name} has no plugin ${index}`);
    return runPlugin({
      type: plugin.type,
      command,
      pluginDirs,
      env: attachmentEnv(target),
      stdin: pluginInput(list, plugin, given, prevResult),
      ...(target.signal === undefined ? {} : { signal: target.signal }),
    });
  };

  const takeAway = async (
    list: NetworkConfigList,
    target: Target,
    cached: CachedAttachment | undefined,
  ): Promise<void> => {
    const given =
      target.portMappings === undefined && target.runtimeConfig === undefined
        ? (cached?.capabilityArgs ?? {})
        : capabilityArgs(target);
    // Plugins of before 0.4.0 do not know a result at DEL.
    const prevResult = isNewer('0.4.0', list.cniVersion) ? undefined : cached?.result;
    for (let i = list.plugins.length - 1; i >= 0; i--) await run('DEL', list, i, target, given, prevResult);
    await cache.remove({
      network: list.name,
      containerId: target.containerId,
      ifName: target.ifName ?? 'eth0',
    });
  };

  return {
    networks,
    defaultNetwork: () => find(undefined),
    async status({ signal } = {}) {
      const { list } = await find(undefined);
      for (const plugin of list.plugins) {
        const call = { type: plugin.type, pluginDirs, env: {}, ...(signal === undefined ? {} : { signal }) };
        // Plugins older than 1.1 answer STATUS with some unrelated error; that they run is all they can tell.
        const knowsStatus = !isNewer('1.1.0', list.cniVersion);
        if (knowsStatus)
          await runPlugin({ ...call, command: 'STATUS', stdin: pluginInput(list, plugin, {}, undefined) });
        else await runPlugin({ ...call, command: 'VERSION', stdin: { cniVersion: list.cniVersion } });
      }
    },
    async attach(attachment) {
      const { list, bytes } = await find(attachment.network);
      const { containerId, netnsPath, ifName = 'eth0', args = {} } = attachment;
      const given = capabilityArgs(attachment);
      let result: Record<string, unknown> = {};
      try {
        for (let i = 0; i < list.plugins.length; i++) {
          result = (await run('ADD', list, i, attachment, given, i === 0 ? undefined : result)) ?? result;
        }
        await cache.write({
          kind: 'cniCacheV1',
          containerId,
          config: Buffer.from(bytes).toString('base64'),
          ifName,
          networkName: list.name,
          netns: netnsPath,
          cniArgs: Object.entries({ IgnoreUnknown: '1', ...args }),
          capabilityArgs: given,
          result,
        });
      } catch (error) {
        // A half-made attachment may hold addresses. The roll-back must not be stopped by what stopped the ADD.
        const { signal: _signal, ...target } = attachment;
        await takeAway(list, target, undefined).catch((cause: unknown) => {
          throw new LadingError(
            LadingError.from(error).code,
            `${LadingError.from(error).message}; taking it back failed too: ${LadingError.from(cause).message}`,
            { cause: error },
          );
        });
        throw error;
      }
      return toNewestResult(result);
    },
    async detach(attachment) {
      const { containerId, ifName = 'eth0' } = attachment;
      const name = attachment.network ?? (await find(undefined)).name;
      const cached = await cache.read({ network: name, containerId, ifName });
      // By the configuration it was made with, which may have changed or gone since.
      const list =
        cached === undefined
          ? (await find(name)).list
          : parseNetworkConfig(Buffer.from(cached.config, 'base64').toString(), nameOfCached(cached));
      await takeAway(list, attachment, cached);
    },
    async check(attachment) {
      const { list } = await find(attachment.network);
      if (list.disableCheck === true || isNewer('0.4.0', list.cniVersion)) return;
      const { containerId, ifName = 'eth0' } = attachment;
      const cached = await cache.read({ network: list.name, containerId, ifName });
      if (cached === undefined)
        throw new LadingError(Code.NotFound, `${containerId} is not attached to ${list.name} as ${ifName}`);
      for (let i = 0; i < list.plugins.length; i++)
        await run('CHECK', list, i, attachment, cached.capabilityArgs, cached.result);
    },
  };
}

/** The ending tells the parser which form the bytes have. */
function nameOfCached(cached: CachedAttachment): string {
  const isList = Buffer.from(cached.config, 'base64').toString().includes('"plugins"');
  return `the cached configuration of ${cached.networkName}${isList ? '.conflist' : '.conf'}`;
}
