// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  list,
  object,
  type Rule,
  record,
  string,
  strings,
  uint16,
  uint32,
  uint53,
  uint64,
} from '@lading/document';

export interface WindowsDevice {
  /** REQUIRED. */
  readonly id: string;
  /** REQUIRED: `class`, or what the runtime knows besides. */
  readonly idType: string;
}

export interface WindowsMemory {
  /** OPTIONAL. Bytes. */
  readonly limit?: number | bigint;
}

export interface WindowsCpuAffinity {
  /** REQUIRED by the text; Go leaves a 0 out. CPUs of the group, a bit each. */
  readonly mask?: number | bigint;
  /** REQUIRED by the text; Go leaves a 0 out. Processor group. */
  readonly group?: number;
}

/** Of `count`, `shares` and `maximum` only one. */
export interface WindowsCpu {
  /** OPTIONAL. Number of CPUs. */
  readonly count?: number;
  /** OPTIONAL. 0 to 10000. */
  readonly shares?: number;
  /** OPTIONAL. Part of the CPU time, in hundredths of a percent. */
  readonly maximum?: number;
  /** OPTIONAL. CPUs to run on. */
  readonly affinity?: readonly WindowsCpuAffinity[];
}

export interface WindowsStorage {
  /** OPTIONAL. Operations a second. */
  readonly iops?: number | bigint;
  /** OPTIONAL. Bytes a second. */
  readonly bps?: number | bigint;
  /** OPTIONAL. Bytes. */
  readonly sandboxSize?: number | bigint;
}

export interface WindowsResources {
  /** OPTIONAL. Sizes. */
  readonly memory?: WindowsMemory;
  /** OPTIONAL. Shares and times. */
  readonly cpu?: WindowsCpu;
  /** OPTIONAL. Rates and size of the system drive. */
  readonly storage?: WindowsStorage;
}

export interface WindowsNetwork {
  /** OPTIONAL. Ids of HNS endpoints. */
  readonly endpointList?: readonly string[];
  /** OPTIONAL. Whether names without a dot are asked for. */
  readonly allowUnqualifiedDNSQuery?: boolean;
  /** OPTIONAL. Suffixes of names. */
  readonly DNSSearchList?: readonly string[];
  /** OPTIONAL. Container whose network is shared. */
  readonly networkSharedContainerName?: string;
  /** OPTIONAL. Id; excludes all other members. */
  readonly networkNamespace?: string;
}

/** Present, even empty, for a container in a virtual machine. */
export interface WindowsHyperV {
  /** OPTIONAL. Path of the image of the utility VM. */
  readonly utilityVMPath?: string;
}

/**
 * The section of Windows.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-windows.md
 */
export interface Windows {
  /** REQUIRED: at least one; the last is the writable layer. */
  readonly layerFolders: readonly string[];
  /** OPTIONAL. Devices of the host. */
  readonly devices?: readonly WindowsDevice[];
  /** OPTIONAL. Limits. */
  readonly resources?: WindowsResources;
  /** OPTIONAL. Group Managed Service Account: an object, or its JSON as a string, as containerd writes it. */
  readonly credentialSpec?: object | string;
  /** OPTIONAL. For applying an update. Default false. */
  readonly servicing?: boolean;
  /** OPTIONAL. True does not flush disks while booting. Default false. */
  readonly ignoreFlushesDuringBoot?: boolean;
  /** OPTIONAL. Isolation by Hyper-V. */
  readonly hyperv?: WindowsHyperV;
  /** OPTIONAL. Network of the container. */
  readonly network?: WindowsNetwork;
}

const credentialSpec: Rule<object | string> = (value, at) =>
  typeof value === 'string' ? value : record(value, at);

export const windows: Rule<Windows> = object<Windows>(
  {
    layerFolders: list(string, 1),
    devices: list(object<WindowsDevice>({ id: string, idType: string }, ['id', 'idType'])),
    resources: object<WindowsResources>({
      memory: object<WindowsMemory>({ limit: uint64 }),
      cpu: object<WindowsCpu>({
        count: uint53,
        shares: uint16,
        maximum: uint16,
        affinity: list(object<WindowsCpuAffinity>({ mask: uint64, group: uint32 })),
      }),
      storage: object<WindowsStorage>({ iops: uint64, bps: uint64, sandboxSize: uint64 }),
    }),
    credentialSpec,
    servicing: boolean,
    ignoreFlushesDuringBoot: boolean,
    hyperv: object<WindowsHyperV>({ utilityVMPath: string }),
    network: object<WindowsNetwork>({
      endpointList: strings,
      allowUnqualifiedDNSQuery: boolean,
      DNSSearchList: strings,
      networkSharedContainerName: string,
      networkNamespace: string,
    }),
  },
  ['layerFolders'],
);
