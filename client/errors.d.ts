import type { Mnemonic } from './methods.ts';
/** The server refused a request with an error of its catalogue: branch on `mnemonic`. */
export declare class ApiError extends Error {
    readonly name = "ApiError";
    readonly method: string;
    /** The group of the error, which many share. */
    readonly code: number;
    /** One of `Mnemonic`, or one that a newer server knows. */
    readonly mnemonic: Mnemonic | (string & {});
    /** The offending parameter; nested ones joined by a dot; null: none. */
    readonly field: string | null;
    /** What was sent for it, as text. */
    readonly value: string | null;
    /** What fills the placeholders of the message. */
    readonly params: Readonly<Record<string, string | number>>;
    constructor(method: string, error: RpcError);
}
/** No answer of the API came: the server is not there, is another one, or a proxy stands between. */
export declare class HttpError extends Error {
    readonly name = "HttpError";
    /** undefined: no HTTP answer at all; `cause` says why. */
    readonly status: number | undefined;
    /** What the server itself said, where it did. */
    readonly said: string | undefined;
    constructor(message: string, details?: {
        readonly status?: number;
        readonly said?: string;
        readonly cause?: unknown;
    });
}
/** `error` of an answer: docs/api/README.md. */
export type RpcError = {
    readonly code: number;
    readonly message: string;
    readonly data?: {
        readonly mnemonic?: string;
        readonly field?: string | null;
        readonly value?: string | null;
        readonly params?: Readonly<Record<string, string | number>>;
    };
};
