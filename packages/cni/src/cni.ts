// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { addTo, checkOn, type Places, removeFrom } from './attachment.ts';
import { createResultCache } from './cache.ts';
import { collectGarbage } from './garbage.ts';
import { loadNetworks } from './load-networks.ts';
import { isNewer, isObject } from './parse-config.ts';
import { pluginInput } from './plugin-input.ts';
import { runPlugin } from './run-plugin.ts';
import type {
  CniAttachment,
  CniResult,
  DetachRequest,
  GarbageRequest,
  LoadedNetwork,
  NetworkConfigList,
  PluginConfig,
} from './types.ts';

export interface CniOptions {
  /** Folder of network configurations. Default `/etc/cni/net.d`. */
  readonly configDir?: string;
  /** Folders of plugins. Default `/opt/cni/bin` and `/usr/lib/cni`. */
  readonly pluginDirs?: readonly string[];
  /** Folder of what is known of attachments. Default `/var/lib/cni`. */
  readonly cacheDir?: string;
  /** Name of the default network. Default: the first one in the folder. */
  readonly defaultNetwork?: string;
  /** A plugin that runs longer is killed, at {@link Cni.status} after 10 s already. Default two minutes. */
  readonly timeoutMs?: number | undefined;
  /**
   * Do what the plugins `bridge` (with `host-local`), `portmap`, `firewall` and `tuning` do in this process where it is plain, which is ten times
   * as fast; what they leave is the same. False: always run the programs. Default true.
   */
  readonly builtIn?: boolean;
  /** Gets the error of each configuration file that is passed over. */
  readonly onInvalid?: (error: LadingError) => void;
}

/**
 * Networks through CNI plugins. The configuration folder is read anew at each call. An error of a plugin has its
 * code as reason (`CNI_11`; `CNI_999` stands for anything else) and says which plugin of which network it was.
 */
export interface Cni {
  /** The default one first. */
  networks(): Promise<readonly LoadedNetwork[]>;
  /** @throws LadingError `failed_precondition` when there is none */
  defaultNetwork(): Promise<LoadedNetwork>;
  /** Resolves when the default network can be used. @throws LadingError saying what is missing */
  status(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Connects a network namespace (CNI ADD) and brings its lo up. A failure is rolled back. */
  attach(attachment: CniAttachment): Promise<CniResult>;
  /**
   * Takes a connection away (CNI DEL). Any number of times, also when the namespace is gone. What was noted at the
   * attachment goes before what the request and the configuration say now.
   */
  detach(attachment: DetachRequest): Promise<void>;
  /** Asks the plugins whether a connection is as they made it (CNI CHECK). @throws LadingError `not_found` */
  check(attachment: CniAttachment): Promise<void>;
  /** Frees what belongs to attachments that are not in use any more (CNI GC). */
  collectGarbage(request: GarbageRequest): Promise<void>;
}

/** Who asks whether a network can be used asks often, and wants an answer. */
const statusLimitMs = 10_000;
const defaultPluginDirs = ['/opt/cni/bin', '/usr/lib/cni'];

/** Networks of a folder of configurations. */
export function createCni(options: CniOptions = {}): Cni {
  const { configDir = '/etc/cni/net.d', pluginDirs = defaultPluginDirs, defaultNetwork, onInvalid } = options;
  const { timeoutMs, builtIn: isBuiltIn = true } = options;
  const cache = createResultCache(options.cacheDir ?? '/var/lib/cni');
  const places: Places = { pluginDirs, cache, timeoutMs, isBuiltIn };

  async function networks(): Promise<readonly LoadedNetwork[]> {
    const all = await loadNetworks(configDir, onInvalid && { onInvalid });
    const first = all.filter(({ name }) => name === defaultNetwork);
    return [...first, ...all.filter(({ name }) => name !== defaultNetwork)];
  }

  async function find(name = defaultNetwork): Promise<LoadedNetwork> {
    const all = await networks();
    const found = name === undefined ? all[0] : all.find((network) => network.name === name);
    if (found !== undefined) return found;
    if (name === undefined) {
      throw new LadingError(Code.FailedPrecondition, `no CNI network is configured in ${configDir}`, {
        reason: 'CNI_NO_NETWORK',
      });
    }
    const others = all.map((network) => network.name).join(', ') || 'none';
    throw new LadingError(
      Code.NotFound,
      `the network ${name} is not configured in ${configDir}; there are: ${others}`,
      { reason: 'CNI_NETWORK_UNKNOWN' },
    );
  }

  return {
    networks,
    defaultNetwork: () => find(),
    async status({ signal } = {}) {
      const { list } = await find();
      const limit = { timeoutMs: Math.min(timeoutMs ?? statusLimitMs, statusLimitMs) };
      const call = { network: list.name, pluginDirs, env: {}, ...limit, ...(signal && { signal }) };
      // Plugins older than 1.1 answer STATUS with some unrelated error; that they run is all they can tell.
      const knowsStatus = !isNewer('1.1.0', list.cniVersion);
      for (const plugin of list.plugins) {
        for (const type of [plugin.type, ...ipamOf(plugin)]) {
          const stdin = { cniVersion: list.cniVersion };
          const answer = await runPlugin({ ...call, type, command: 'VERSION', stdin });
          checkSpoken(list, type, answer?.supportedVersions);
        }
        if (!knowsStatus) continue;
        const stdin = pluginInput(list, plugin, {}, undefined);
        await runPlugin({ ...call, type: plugin.type, command: 'STATUS', stdin });
      }
    },
    async attach(attachment) {
      return addTo(places, await find(attachment.network), attachment);
    },
    async detach(request) {
      const name = request.network ?? (await find()).name;
      const configured = (await networks()).find((network) => network.name === name);
      await removeFrom(places, name, configured?.list, request);
    },
    async check(attachment) {
      await checkOn(places, (await find(attachment.network)).list, attachment);
    },
    async collectGarbage(request) {
      await collectGarbage(places, (await find(request.network)).list, request);
    },
  };
}

/** It would refuse every ADD. One that does not say what it speaks is not judged. */
function checkSpoken({ name, cniVersion }: NetworkConfigList, type: string, spoken: unknown): void {
  if (!Array.isArray(spoken) || spoken.includes(cniVersion)) return;
  throw new LadingError(
    Code.FailedPrecondition,
    `the CNI plugin ${type} speaks ${spoken.join(', ')}, and the network ${name} wants ${cniVersion}; install one that does, or change "cniVersion" of the network`,
    { reason: 'CNI_1' },
  );
}

/** The plugin for addresses, which the plugin itself runs. */
function ipamOf({ ipam }: PluginConfig): readonly string[] {
  return isObject(ipam) && typeof ipam.type === 'string' && ipam.type !== '' ? [ipam.type] : [];
}
