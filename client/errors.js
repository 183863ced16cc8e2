/** The server refused a request with an error of its catalogue: branch on `mnemonic`. */
export class ApiError extends Error {
    name = 'ApiError';
    method;
    /** The group of the error, which many share. */
    code;
    /** One of `Mnemonic`, or one that a newer server knows. */
    mnemonic;
    /** The offending parameter; nested ones joined by a dot; null: none. */
    field;
    /** What was sent for it, as text. */
    value;
    /** What fills the placeholders of the message. */
    params;
    constructor(method, error) {
        super(error.message);
        const { mnemonic = '', field = null, value = null, params = {} } = error.data ?? {};
        this.method = method;
        this.code = error.code;
        this.mnemonic = mnemonic;
        this.field = field;
        this.value = value;
        this.params = params;
    }
}
/** No answer of the API came: the server is not there, is another one, or a proxy stands between. */
export class HttpError extends Error {
    name = 'HttpError';
    /** undefined: no HTTP answer at all; `cause` says why. */
    status;
    /** What the server itself said, where it did. */
    said;
    constructor(message, details = {}) {
        super(message, 'cause' in details ? { cause: details.cause } : {});
        this.status = details.status;
        this.said = details.said;
    }
}
