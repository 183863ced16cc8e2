/**
 * The data of each message of a stream of Server-Sent Events (HTML Living Standard, section 9.2). The
 * stream is given up when the reader leaves the loop.
 */
export declare function messages(body: ReadableStream<Uint8Array>): AsyncGenerator<string>;
