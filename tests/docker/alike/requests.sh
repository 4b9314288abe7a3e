# What a registry is asked: $H is its address. Each request's answer follows its name.
r() { echo "## $*"; curl -s -i "$@"; echo; }
begin() { curl -s -i -X POST "$H/v2/$1/blobs/uploads/" | grep -i '^location:' | tr -d '\r' | cut -d' ' -f2; }
MT=application/vnd.docker.distribution.manifest.v2+json
OCI=application/vnd.oci.image.manifest.v1+json
OCT='Content-Type: application/octet-stream'
NO=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]},"history":[]}' > c.json
C=sha256:$(sha256sum c.json | cut -d' ' -f1)
N=$(wc -c < c.json)
cat > m.json <<M
{
   "schemaVersion": 2,
   "mediaType": "$MT",
   "config": {
      "mediaType": "application/vnd.docker.container.image.v1+json",
      "size": $N,
      "digest": "$C"
   },
   "layers": []
}
M
sed "s,$MT,$OCI,; s,docker.container.image,oci.image.config," m.json > o.json
D=sha256:$(sha256sum m.json | cut -d' ' -f1)
r $H/v2/
r $H/v2
r $H/
r $H/v2/_catalog
r $H/v2/app/tags/list
r $H/v2/app/manifests/latest
r -X POST $H/v2/app/blobs/uploads/
U=$(begin app)
r -X PUT "$U&digest=$C" -H "$OCT" --data-binary @c.json
r -I $H/v2/app/blobs/$C
r $H/v2/app/blobs/$C
r -r 2-15 $H/v2/app/blobs/$C
r $H/v2/app/blobs/$NO
r $H/v2/app/blobs/sha256:abc
U=$(begin app)
r -X PATCH "$U" -H "$OCT" --data-binary hello
U=$(begin app)
r "$U"
r -X DELETE "$U"
r "$U"
U=$(begin app)
r -X PUT "$U&digest=$NO" -H "$OCT" --data-binary hello
U=$(begin app)
r -X PUT "$U" -H "$OCT" --data-binary hello
U=$(begin app)
r -X PUT "$U&digest=sha256:33" -H "$OCT" --data-binary hello
U=$(begin app)
r -X PUT "$U&digest=$NO" --data-binary @c.json
r -X POST "$H/v2/other/blobs/uploads/?mount=$C&from=app"
r -X POST "$H/v2/other/blobs/uploads/?mount=$NO&from=app"
r -X PUT $H/v2/app/manifests/1 -H "Content-Type: $MT" --data-binary @m.json
r -X PUT $H/v2/app/manifests/2 -H "Content-Type: $MT" --data-binary @m.json
r -X PUT $H/v2/app/manifests/$D -H "Content-Type: $MT" --data-binary @m.json
r -X PUT $H/v2/app/manifests/$NO -H "Content-Type: $MT" --data-binary @m.json
r -X PUT $H/v2/new/manifests/1 -H "Content-Type: $MT" --data-binary @m.json
r -X PUT $H/v2/app/manifests/bad -H "Content-Type: $MT" --data-binary '{"schemaVersion":2'
r -X PUT $H/v2/app/manifests/txt -H "Content-Type: text/plain" --data-binary @m.json
r -X PUT $H/v2/other/manifests/oci -H "Content-Type: $OCI" --data-binary @o.json
r $H/v2/other/manifests/oci -H "Accept: $OCI"
r $H/v2/app/manifests/1 -H "Accept: $MT"
r -I $H/v2/app/manifests/1 -H "Accept: $MT"
r -I $H/v2/app/manifests/$D -H "Accept: $MT"
r $H/v2/app/manifests/3 -H "Accept: $MT"
r $H/v2/app/manifests/$NO -H "Accept: $MT"
r $H/v2/app/tags/list
r "$H/v2/app/tags/list?n=1"
r $H/v2/_catalog
r "$H/v2/_catalog?n=1"
r "$H/v2/_catalog?n=1&last=app"
r "$H/v2/_catalog?n=0"
r "$H/v2/_catalog?n=x"
r -X DELETE $H/v2/app/manifests/1
r -X DELETE $H/v2/app/manifests/$D
r -X DELETE $H/v2/app/manifests/$D
r $H/v2/app/tags/list
r $H/v2/app/manifests/1 -H "Accept: $MT"
r -X DELETE $H/v2/app/blobs/$C
r -X DELETE $H/v2/app/blobs/$C
r -I $H/v2/app/blobs/$C
r $H/v2/UPPER/tags/list
r -X POST $H/v2/app/tags/list
r -X PUT $H/v2/_catalog
r $H/v2/app/nothing
