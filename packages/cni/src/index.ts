// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { BridgeNetworkOptions } from './bridge-network.ts';
export { bridgeNetworkConfig } from './bridge-network.ts';
export type { Cni, CniOptions } from './cni.ts';
export { createCni } from './cni.ts';
// For authors of other network managers.
export type { LoadOptions } from './load-networks.ts';
export { loadNetworks } from './load-networks.ts';
export { parseNetworkConfig } from './parse-config.ts';
export type { CniCommand, PluginCall } from './run-plugin.ts';
export { runPlugin } from './run-plugin.ts';
export type {
  CniAddress,
  CniAttachment,
  CniDns,
  CniInterface,
  CniPortMapping,
  CniResult,
  CniRoute,
  DetachRequest,
  GarbageRequest,
  LoadedNetwork,
  NetworkConfigList,
  PluginConfig,
} from './types.ts';
