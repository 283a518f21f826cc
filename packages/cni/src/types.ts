// SPDX-License-Identifier: Apache-2.0

/** A plugin's part of a network configuration. Every plugin has keys of its own. */
export interface PluginConfig {
  /** File name of the plugin's program. */
  readonly type: string;
  /** Asks for `runtimeConfig.<name>`. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** A network: its plugins run one after the other. @see CNI spec 1.1, section 1 */
export interface NetworkConfigList {
  readonly cniVersion: string;
  readonly name: string;
  readonly disableCheck?: boolean;
  readonly disableGC?: boolean;
  readonly plugins: readonly PluginConfig[];
}

/** A configuration and the file that it came from. */
export interface LoadedNetwork {
  readonly name: string;
  readonly list: NetworkConfigList;
  readonly file: string;
  /** The bytes of the list, for the cache: a pod is torn down by what it was set up with. */
  readonly bytes: Uint8Array;
}

/** A result in the form of CNI 1.1, whatever version the plugin speaks. */
export interface CniResult {
  readonly cniVersion: string;
  readonly interfaces?: readonly CniInterface[];
  readonly ips?: readonly CniAddress[];
  readonly routes?: readonly CniRoute[];
  readonly dns?: CniDns;
}

export interface CniInterface {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  /** Path of the network namespace; left out for an interface of the host. */
  readonly sandbox?: string;
}

export interface CniAddress {
  /** In CIDR form. */
  readonly address: string;
  readonly gateway?: string;
  /** Index into `interfaces`. */
  readonly interface?: number;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly [key: string]: unknown;
}

export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** A port of the host that leads to the container. */
export interface CniPortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  /** Default `tcp`. */
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  readonly hostIp?: string;
}

/** One attachment of a container to a network. */
export interface CniAttachment {
  readonly containerId: string;
  /** Path of the network namespace. */
  readonly netnsPath: string;
  /** Default `eth0`. */
  readonly ifName?: string;
  /** Name of the network. Default: the default one. */
  readonly network?: string;
  /** CNI_ARGS; `IgnoreUnknown=1` is added. */
  readonly args?: Readonly<Record<string, string>>;
  readonly portMappings?: readonly CniPortMapping[];
  /** Further capability arguments, such as `bandwidth` and `mac`. */
  readonly runtimeConfig?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** A connection to take away; its namespace may be gone. */
export interface DetachRequest extends Omit<CniAttachment, 'netnsPath'> {
  readonly netnsPath?: string;
}

/** Which attachments of a network are in use. */
export interface GarbageRequest {
  /** Default: the default network. */
  readonly network?: string;
  /** A function is asked when the attachments that are noted have been listed: what is made meanwhile is not among them. */
  readonly valid: readonly ValidAttachment[] | (() => Promise<readonly ValidAttachment[]>);
  readonly signal?: AbortSignal;
}

interface ValidAttachment {
  readonly containerId: string;
  /** Default `eth0`. */
  readonly ifName?: string;
}
