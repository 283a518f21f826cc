// SPDX-License-Identifier: Apache-2.0

/** The decoder of blocks below unbzip2-stream, which comes without types. */
declare module 'unbzip2-stream/lib/bzip2.js' {
  /** Reads so many bits, or with null goes on to the next whole byte. */
  type ReadBits = (count: number | null) => number;

  interface Bzip2 {
    /** Reads the header of a stream; gives the size of its blocks in units of 100,000 bytes. */
    header(bits: ReadBits): number;
    /** Reads a block; gives the checksum of all blocks so far, or null when it was the end of the stream. */
    decompress(
      bits: ReadBits,
      emit: (byte: number) => void,
      work: Int32Array,
      workLength: number,
      checksum: number,
    ): number | null;
  }

  const bzip2: Bzip2;
  export default bzip2;
}
