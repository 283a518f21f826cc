// SPDX-License-Identifier: Apache-2.0
import { list, object, type Rule, string } from '@lading/document';

/** A network interface that is made for the container. */
export interface SolarisAnet {
  readonly linkname?: string;
  /** Link below. */
  readonly lowerLink?: string;
  /** Addresses that the container may use. */
  readonly allowedAddress?: string;
  /** `true` to set those addresses when the container boots. */
  readonly configureAllowedAddress?: string;
  readonly defrouter?: string;
  readonly macAddress?: string;
  readonly linkProtection?: string;
}

export interface SolarisCappedCpu {
  /** Number of CPUs, may have a fraction. */
  readonly ncpus?: string;
}

export interface SolarisCappedMemory {
  readonly physical?: string;
  readonly swap?: string;
}

/**
 * The section of Solaris.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-solaris.md
 */
export interface Solaris {
  /** SMF service that the container waits for. */
  readonly milestone?: string;
  /** Most privileges that a process may have. */
  readonly limitpriv?: string;
  readonly maxShmMemory?: string;
  readonly anet?: readonly SolarisAnet[];
  readonly cappedCPU?: SolarisCappedCpu;
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
