# One static binary in an image without a shell. Build: docker build -t planga .
# Run:   docker run -p 8080:8080 -v planga:/data planga
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /planga . \
 && mkdir -m 0700 /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /planga /planga
# A new volume takes owner and mode of this folder, so the server, which is not root, may write into it.
COPY --from=build --chown=nonroot:nonroot /data /data
ENV PLANGA_DATA=/data PLANGA_LISTEN=:8080
VOLUME /data
EXPOSE 8080
USER nonroot
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/planga", "healthcheck"]
ENTRYPOINT ["/planga"]
CMD ["serve"]
