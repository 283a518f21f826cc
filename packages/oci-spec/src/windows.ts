// SPDX-License-Identifier: Apache-2.0
import {
  anything,
  boolean,
  list,
  object,
  type Rule,
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
  /** Bytes. */
  readonly limit?: number;
}

export interface WindowsCpuAffinity {
  readonly mask?: number | bigint;
  readonly group?: number;
}

/** Of `count`, `shares` and `maximum` only one. */
export interface WindowsCpu {
  readonly count?: number;
  /** 0 to 10000. */
  readonly shares?: number;
  /** Part of the CPU time, in hundredths of a percent. */
  readonly maximum?: number;
  readonly affinity?: readonly WindowsCpuAffinity[];
}

export interface WindowsStorage {
  readonly iops?: number;
  /** Bytes a second. */
  readonly bps?: number;
  /** Bytes. */
  readonly sandboxSize?: number;
}

export interface WindowsResources {
  readonly memory?: WindowsMemory;
  readonly cpu?: WindowsCpu;
  readonly storage?: WindowsStorage;
}

export interface WindowsNetwork {
  readonly endpointList?: readonly string[];
  readonly allowUnqualifiedDNSQuery?: boolean;
  readonly DNSSearchList?: readonly string[];
  /** Container whose network is shared. */
  readonly networkSharedContainerName?: string;
  readonly networkNamespace?: string;
}

/** Present, even empty, for a container in a virtual machine. */
export interface WindowsHyperV {
  /** Path of the image of the utility VM. */
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
  readonly devices?: readonly WindowsDevice[];
  readonly resources?: WindowsResources;
  /** Group Managed Service Account, as the platform has it. */
  readonly credentialSpec?: unknown;
  /** For applying an update. Default false. */
  readonly servicing?: boolean;
  readonly ignoreFlushesDuringBoot?: boolean;
  readonly hyperv?: WindowsHyperV;
  readonly network?: WindowsNetwork;
}

export const windows: Rule<Windows> = object<Windows>(
  {
    layerFolders: list(string, 1),
    devices: list(object<WindowsDevice>({ id: string, idType: string }, ['id', 'idType'])),
    resources: object<WindowsResources>({
      memory: object<WindowsMemory>({ limit: uint53 }),
      cpu: object<WindowsCpu>({
        count: uint53,
        shares: uint16,
        maximum: uint16,
        affinity: list(object<WindowsCpuAffinity>({ mask: uint64, group: uint32 })),
      }),
      storage: object<WindowsStorage>({ iops: uint53, bps: uint53, sandboxSize: uint53 }),
    }),
    credentialSpec: anything,
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
