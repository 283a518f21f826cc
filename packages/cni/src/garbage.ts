// SPDX-License-Identifier: Apache-2.0
import { type Places, removeFrom } from './attachment.ts';
import { isNewer } from './parse-config.ts';
import { pluginInput } from './plugin-input.ts';
import { runPlugin } from './run-plugin.ts';
import type { GarbageRequest, NetworkConfigList } from './types.ts';

/** Takes noted attachments away that are not in use, then lets plugins that know GC find what has no note. */
export async function collectGarbage(
  places: Places,
  list: NetworkConfigList,
  { valid: inUse, signal }: GarbageRequest,
): Promise<void> {
  const call = signal === undefined ? {} : { signal };
  const noted = await places.cache.list(list.name);
  const valid = typeof inUse === 'function' ? await inUse() : inUse;
  for (const { containerId, ifName } of noted) {
    if (valid.some((item) => item.containerId === containerId && (item.ifName ?? 'eth0') === ifName))
      continue;
    await removeFrom(places, list.name, list, { containerId, ifName, ...call });
  }
  // Plugins of before answer GC with some unrelated error.
  if (list.disableGC === true || isNewer('1.1.0', list.cniVersion)) return;
  const attachments = valid.map(({ containerId, ifName = 'eth0' }) => ({
    containerID: containerId,
    ifname: ifName,
  }));
  for (const plugin of list.plugins) {
    await runPlugin({
      type: plugin.type,
      command: 'GC',
      network: list.name,
      pluginDirs: places.pluginDirs,
      timeoutMs: places.timeoutMs,
      env: {},
      stdin: {
        ...pluginInput(list, plugin, {}, undefined),
        'cni.dev/valid-attachments': attachments,
        // What the first plugins of 1.1 read.
        'cni.dev/attachments': attachments,
      },
      ...call,
    });
  }
}
