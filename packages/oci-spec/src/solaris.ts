// SPDX-License-Identifier: Apache-2.0
import { list, object, type Rule, string } from '@lading/document';

/** A network interface that is made for the container. */
export interface SolarisAnet {
  /** OPTIONAL. Name of the link that is made. */
  readonly linkname?: string;
  /** OPTIONAL. Link below. */
  readonly lowerLink?: string;
  /** OPTIONAL. Addresses that the container may use. */
  readonly allowedAddress?: string;
  /** OPTIONAL. `true` to set those addresses when the container boots. */
  readonly configureAllowedAddress?: string;
  /** OPTIONAL. Default router. */
  readonly defrouter?: string;
  /** OPTIONAL. Address or keyword. */
  readonly macAddress?: string;
  /** OPTIONAL. Kinds, with commas between. */
  readonly linkProtection?: string;
}

export interface SolarisCappedCpu {
  /** OPTIONAL. Number of CPUs, may have a fraction. */
  readonly ncpus?: string;
}

export interface SolarisCappedMemory {
  /** OPTIONAL. Size with a unit: `512m`. */
  readonly physical?: string;
  /** OPTIONAL. Size with a unit: `512m`. */
  readonly swap?: string;
}

/**
 * The section of Solaris.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-solaris.md
 */
export interface Solaris {
  /** OPTIONAL. SMF service that the container waits for. */
  readonly milestone?: string;
  /** OPTIONAL. Most privileges that a process may have. */
  readonly limitpriv?: string;
  /** OPTIONAL. Most shared memory, with a unit: `512m`. */
  readonly maxShmMemory?: string;
  /** OPTIONAL. Network interfaces. */
  readonly anet?: readonly SolarisAnet[];
  /** OPTIONAL. Limit of CPU time. */
  readonly cappedCPU?: SolarisCappedCpu;
  /** OPTIONAL. Limits of memory. */
  readonly cappedMemory?: SolarisCappedMemory;
}

export const solaris: Rule<Solaris> = object<Solaris>({
  milestone: string,
  limitpriv: string,
  maxShmMemory: string,
  anet: list(
    object<SolarisAnet>({
      linkname: string,
      lowerLink: string,
      allowedAddress: string,
      configureAllowedAddress: string,
      defrouter: string,
      macAddress: string,
      linkProtection: string,
    }),
  ),
  cappedCPU: object<SolarisCappedCpu>({ ncpus: string }),
  cappedMemory: object<SolarisCappedMemory>({ physical: string, swap: string }),
});
