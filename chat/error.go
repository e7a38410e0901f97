package chat

import (
	"errors"
	"fmt"
	"time"
)

// Code says, for machines, why a deed was refused. The values are part of the wire contract.
type Code string

// The codes.
const (
	Invalid            Code = "invalid"
	Unauthorized       Code = "unauthorized"
	Forbidden          Code = "forbidden"
	Banned             Code = "banned"
	ReadOnly           Code = "read_only"
	NotFound           Code = "not_found"
	Conflict           Code = "conflict"
	ClientIDConflict   Code = "client_id_conflict"
	TooLong            Code = "too_long"
	RateLimited        Code = "rate_limited"
	Busy               Code = "busy"
	StorageUnavailable Code = "storage_unavailable"
	Internal           Code = "internal"
)

// Error is a refusal: a code for machines and a sentence fit for a visitor. The cause is for the log only.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration // when to try again; 0 if trying again does not help
	Cause      error         // never shown to visitors
}

// Error returns the code, the sentence and the cause, for logs.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns a refusal with a formatted sentence.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Unavailable returns a [StorageUnavailable] refusal for a store that cannot take writes now.
func Unavailable(cause error, retryAfter time.Duration) *Error {
	return &Error{
		Code: StorageUnavailable, RetryAfter: retryAfter, Cause: cause,
		Message: "Messages cannot be stored right now. Nothing is lost; it is tried again.",
	}
}

// AsError returns err as a refusal: itself if it is one, else [Internal] with err as the cause.
func AsError(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return &Error{Code: Internal, Message: "Something went wrong on the server.", Cause: err}
}

// CodeOf returns the code of err, [Internal] for an error that is not a refusal, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return AsError(err).Code
}
