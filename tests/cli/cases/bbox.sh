# A box is four numbers: west, south, east, north, in degrees, in this order and within the world.
for box in "" 1,2,3 1,2,3,4,5 1,2,3,x 1,2,,4 "1 2 3 4" 121,32,120,33 120,33,121,32 120,32,120,33 \
    -181,0,0,1 0,-91,1,0 0,0,181,1 0,0,1,91 nan,0,1,1 0,0,inf,1 "120,5;32,121,33"; do
    expect 2 "$ECOMON" run c.yaml --bbox "$box"
    silent out
    printed err "ecomon: --bbox: expected WEST,SOUTH,EAST,NORTH in degrees, found \"$box\""
done
# A good one, also with a minus sign in front and with blanks, goes on to the config, which is not there.
for box in 120,32,121,33 -10.5,-3,-10,2e0 "120, 32, 121, 33" -180,-90,180,90; do
    expect 2 "$ECOMON" run c.yaml --bbox "$box"
    printed err "ecomon: config: open c.yaml: No such file or directory"
done
