// SPDX-License-Identifier: Apache-2.0
import { list, object, oneOf, type Rule, string, strings, uint32, uint64 } from '@lading/document';

export interface VmHypervisor {
  /** REQUIRED: absolute path. */
  readonly path: string;
  /** OPTIONAL. Passed to the hypervisor. */
  readonly parameters?: readonly string[];
}

export interface VmKernel {
  /** REQUIRED: absolute path. */
  readonly path: string;
  /** OPTIONAL. Passed to the kernel. */
  readonly parameters?: readonly string[];
  /** OPTIONAL. Absolute path. */
  readonly initrd?: string;
}

/** Formats of disk images. */
export type VmImageFormat = 'raw' | 'qcow2' | 'vdi' | 'vmdk' | 'vhd';

const imageFormat: Rule<VmImageFormat> = oneOf('raw', 'qcow2', 'vdi', 'vmdk', 'vhd');

/** Root image of the machine; without it the kernel's initrd serves. */
export interface VmImage {
  /** REQUIRED: absolute path. */
  readonly path: string;
  /** REQUIRED. */
  readonly format: VmImageFormat;
}

/** A range of memory-mapped I/O. */
export interface VmIoMem {
  /** OPTIONAL. First guest frame; that of the machine when absent. */
  readonly firstGFN?: number | bigint;
  /** REQUIRED. First machine frame. */
  readonly firstMFN: number | bigint;
  /** REQUIRED. Number of frames. */
  readonly nrMFNs: number | bigint;
}

export interface VmHardware {
  /** OPTIONAL. Path of a device tree. */
  readonly deviceTree?: string;
  /** OPTIONAL. Number of virtual CPUs. */
  readonly vcpus?: number;
  /** OPTIONAL. Bytes. */
  readonly memory?: number | bigint;
  /** OPTIONAL. Nodes of the device tree that pass through. */
  readonly dtdevs?: readonly string[];
  /** OPTIONAL. Memory-mapped I/O that passes through. */
  readonly iomems?: readonly VmIoMem[];
  /** OPTIONAL. Interrupts that pass through. */
  readonly irqs?: readonly number[];
}

/**
 * The section of runtimes that use virtual machines.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-vm.md
 */
export interface Vm {
  /** OPTIONAL. Which one, where the runtime has a choice. */
  readonly hypervisor?: VmHypervisor;
  /** REQUIRED. */
  readonly kernel: VmKernel;
  /** OPTIONAL. Disk of the root file system. */
  readonly image?: VmImage;
  /** OPTIONAL. So spelled by the text and the schema. */
  readonly hwConfig?: VmHardware;
  /** OPTIONAL. So spelled by programs in Go. */
  readonly hwconfig?: VmHardware;
}

const hardware = object<VmHardware>({
  deviceTree: string,
  vcpus: uint32,
  memory: uint64,
  dtdevs: strings,
  iomems: list(
    object<VmIoMem>({ firstGFN: uint64, firstMFN: uint64, nrMFNs: uint64 }, ['firstMFN', 'nrMFNs']),
  ),
  irqs: list(uint32),
});

export const vm: Rule<Vm> = object<Vm>(
  {
    hypervisor: object<VmHypervisor>({ path: string, parameters: strings }, ['path']),
    kernel: object<VmKernel>({ path: string, parameters: strings, initrd: string }, ['path']),
    image: object<VmImage>({ path: string, format: imageFormat }, ['path', 'format']),
    hwConfig: hardware,
    hwconfig: hardware,
  },
  ['kernel'],
);
