"""Where nodes are on a server: by the URI of their namespace, and never where another sensor is."""

from asyncua import ua

from adapters.sources.opcua.addresses import Addresses

node = ua.NodeId.from_string
UA, OWN = "http://opcfoundation.org/UA/", "urn:server"


def test_an_address_by_uri_follows_its_namespace() -> None:
    addresses = Addresses(["nsu=urn:A;i=1011"])
    assert addresses.place([UA, OWN, "urn:A"]).nodes == {0: node("ns=2;i=1011")}
    assert addresses.place([UA, OWN, "urn:B", "urn:A"]).nodes == {0: node("ns=3;i=1011")}


def test_an_address_by_index_has_no_place_where_the_index_means_another_namespace() -> None:
    addresses = Addresses(["ns=2;i=1011", "i=2258"])
    assert addresses.place([UA, OWN, "urn:A", "urn:B"]).nodes == {0: node("ns=2;i=1011"), 1: node("i=2258")}
    swapped = addresses.place([UA, OWN, "urn:B", "urn:A"])
    assert swapped.nodes == {1: node("i=2258")}
    assert "nsu=urn:A instead of ns=2" in swapped.reasons[0]
    assert "is not there" in addresses.place([UA, OWN]).reasons[0]
    assert addresses.place([UA, OWN, "urn:A"]).nodes[0] == node("ns=2;i=1011")


def test_a_namespace_that_the_server_lacks_is_named() -> None:
    assert Addresses(["nsu=urn:C;s=x"]).place([UA, OWN]).reasons == {0: "the server has no namespace urn:C"}


def test_an_index_beyond_the_namespaces_is_left_to_the_server() -> None:
    assert Addresses(["ns=9;s=x"]).place([UA, OWN]).nodes == {0: node("ns=9;s=x")}
