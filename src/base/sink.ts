/** The one way up: each part is given one function that takes all its events. */
export type Sink<Event> = (event: Event) => void;
